/**
 * An assembler for the little of classic BPF that a seccomp filter needs (linux/filter.h, linux/bpf_common.h).
 * Programs only jump forwards, and every block ends with an answer.
 */

/** One instruction: operation, how many to skip when a test holds or not, operand. */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

/** Operations used: loads of a 32-bit word of the record, jumps, tests of the accumulator, masking, answers. */
export const BPF = {
  LOAD_WORD: 0x20,
  JUMP: 0x05,
  JUMP_IF_EQUAL: 0x15,
  JUMP_IF_AT_LEAST: 0x35,
  AND: 0x54,
  RETURN: 0x06,
} as const;

/** Where a seccomp record holds what (struct seccomp_data of linux/seccomp.h). */
export const RECORD = { NUMBER: 0, ARCHITECTURE: 4, ARGUMENTS: 16, ARGUMENT_BYTES: 8 } as const;

/** Answers of a filter (linux/seccomp.h). */
export const ANSWER = { ALLOW: 0x7fff0000, ERRNO: 0x00050000 } as const;

const INSTRUCTION_BYTES = 8;
/** A count and, after padding, a pointer. */
const HEADER_BYTES = 16;
/** A conditional jump has one byte for its distance. */
const MAX_JUMP = 255;
/** BPF_MAXINSNS of the kernel. */
const MAX_INSTRUCTIONS = 4096;

const instruction = (code: number, operand: number, jumpTrue = 0, jumpFalse = 0): Instruction => {
  if (jumpTrue > MAX_JUMP || jumpFalse > MAX_JUMP)
    throw new RangeError("A jump is longer than BPF can make.");
  return { code, operand: operand >>> 0, jumpTrue, jumpFalse };
};

/** Loads the word at `offset` of the record. */
export const loadWord = (offset: number): Instruction => instruction(BPF.LOAD_WORD, offset);

/** Loads the low half of an argument: all that the kernel reads of an `int`. */
export const loadArgument = (index: number): Instruction =>
  loadWord(RECORD.ARGUMENTS + index * RECORD.ARGUMENT_BYTES);

/** Loads the high half of an argument. */
export const loadArgumentHigh = (index: number): Instruction =>
  loadWord(RECORD.ARGUMENTS + index * RECORD.ARGUMENT_BYTES + 4);

export const mask = (bits: number): Instruction => instruction(BPF.AND, bits);
/** Goes on behind the next `count` instructions. */
export const skip = (count: number): Instruction => instruction(BPF.JUMP, count);
export const allow = (): Instruction => instruction(BPF.RETURN, ANSWER.ALLOW);
export const refuse = (errno: number): Instruction => instruction(BPF.RETURN, ANSWER.ERRNO | errno);

/** Runs `block` when the accumulator equals `value`, else goes on behind it. */
export const ifEqual = (value: number, block: readonly Instruction[]): Instruction[] => [
  instruction(BPF.JUMP_IF_EQUAL, value, 0, block.length),
  ...block,
];

/** Runs `block` when the accumulator is `value` or more (unsigned), else goes on behind it. */
export const ifAtLeast = (value: number, block: readonly Instruction[]): Instruction[] => [
  instruction(BPF.JUMP_IF_AT_LEAST, value, 0, block.length),
  ...block,
];

/** Runs `block` unless the accumulator is one of `values`. */
export const unlessOneOf = (values: readonly number[], block: readonly Instruction[]): Instruction[] => [
  ...values.map((value, index) =>
    instruction(BPF.JUMP_IF_EQUAL, value, values.length - 1 - index + block.length, 0),
  ),
  ...block,
];

/**
 * The program as the kernel takes it: a struct sock_fprog, its instructions right behind it, in one piece of memory.
 * @throws RangeError when there are too many instructions
 */
export function encodeProgram(
  program: readonly Instruction[],
  addressOf: (memory: Uint8Array) => number,
): Uint8Array {
  if (program.length > MAX_INSTRUCTIONS) throw new RangeError("The filter is longer than the kernel takes.");
  const memory = new Uint8Array(HEADER_BYTES + program.length * INSTRUCTION_BYTES);
  const view = new DataView(memory.buffer);
  view.setUint16(0, program.length, true);
  view.setBigUint64(HEADER_BYTES / 2, BigInt(addressOf(memory) + HEADER_BYTES), true);
  program.forEach(({ code, jumpTrue, jumpFalse, operand }, index) => {
    const at = HEADER_BYTES + index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jumpTrue);
    view.setUint8(at + 3, jumpFalse);
    view.setUint32(at + 4, operand, true);
  });
  return memory;
}
