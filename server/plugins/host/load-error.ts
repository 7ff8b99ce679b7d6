/** Why a plugin's code cannot be loaded, in a sentence for its author that names the file. */
export class PluginLoadError extends Error {
  override readonly name = "PluginLoadError";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }

  /** From what the transpiler throws: the first error with its line and column. */
  static ofSyntax(path: string, thrown: unknown): PluginLoadError {
    const first = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
    if (!(first instanceof Error) && !(first instanceof BuildMessage)) {
      return new PluginLoadError(`${path} cannot be read.`, thrown);
    }
    const position = "position" in first ? first.position : undefined;
    const place = position ? `${path}:${position.line}:${position.column}` : path;
    return new PluginLoadError(`${place}: ${first.message}`, thrown);
  }
}

export const importError = (importer: string, specifier: string, why: string): PluginLoadError =>
  new PluginLoadError(`${importer} imports "${specifier}": ${why}.`);
