import { Argument, type Command } from "commander";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** What can follow a chain of commands (`user add`): sub-commands and long options. */
interface Position {
  chain: string;
  words: { word: string; description: string }[];
}

/** `binnacle completion bash|zsh|fish`: a script for the shell, made from the commands as they are. */
export function addCompletionCommand(program: Command): void {
  program
    .command("completion")
    .description("print a completion script, such as: source <(binnacle completion bash)")
    .addArgument(new Argument("<shell>", "shell").choices(SHELLS))
    .action((shell: Shell) => console.log(SCRIPTS[shell](positionsOf(program))));
}

function positionsOf(command: Command, chain: readonly string[] = []): Position[] {
  const subcommands = command.commands.map((sub) => ({ word: sub.name(), description: sub.description() }));
  const options = command.options.map((option) => ({
    word: option.long ?? option.flags,
    description: option.description,
  }));
  const help = { word: "--help", description: "explain this command" };
  return [
    { chain: chain.join(" "), words: [...subcommands, ...options, help] },
    ...command.commands.flatMap((sub) => positionsOf(sub, [...chain, sub.name()])),
  ];
}

const SCRIPTS = {
  bash: (positions) => `_binnacle() {
  local current="\${COMP_WORDS[COMP_CWORD]}" chain="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == -* ]] && continue
    case "\${chain:+$chain }$word" in
${positions
  .filter(({ chain }) => chain !== "")
  .map(({ chain }) => `      ${quoted(chain)}) chain=${quoted(chain)} ;;`)
  .join("\n")}
    esac
  done
  case "$chain" in
${positions.map(({ chain, words }) => `    ${quoted(chain)}) COMPREPLY=($(compgen -W ${quoted(words.map(({ word }) => word).join(" "))} -- "$current")) ;;`).join("\n")}
  esac
}
complete -o default -F _binnacle binnacle`,
  zsh: (positions) => `#compdef binnacle
_binnacle() {
  local chain="" word
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] && continue
    case "\${chain:+$chain }$word" in
${positions
  .filter(({ chain }) => chain !== "")
  .map(({ chain }) => `      ${quoted(chain)}) chain=${quoted(chain)} ;;`)
  .join("\n")}
    esac
  done
  local -a choices
  case "$chain" in
${positions.map(({ chain, words }) => `    ${quoted(chain)}) choices=(${words.map(({ word, description }) => quoted(`${word}:${description}`)).join(" ")}) ;;`).join("\n")}
  esac
  _describe 'binnacle' choices || _files
}
compdef _binnacle binnacle`,
  fish: (positions) =>
    positions
      .flatMap(({ chain, words }) => {
        const commands = chain === "" ? [] : chain.split(" ");
        const seen = commands.map((command) => `__fish_seen_subcommand_from ${command}`);
        const condition = commands.length === 0 ? "__fish_use_subcommand" : seen.join("; and ");
        return words.map(({ word, description }) => {
          const choice = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
          return `complete -c binnacle -n ${quoted(condition)} ${choice} -d ${quoted(description)}`;
        });
      })
      .join("\n"),
} satisfies Record<Shell, (positions: Position[]) => string>;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
