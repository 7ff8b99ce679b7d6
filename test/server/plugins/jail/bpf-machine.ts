import { ANSWER, BPF, type Instruction, RECORD } from "../../../../server/plugins/jail/bpf.ts";

/** A system call as a filter sees it. */
export interface CallRecord {
  architecture: number;
  number: number;
  args?: readonly (number | bigint)[];
}

/** What a filter answers: 0 lets the call pass, else the error number. Runs the program as the kernel would. */
export function runFilter(program: readonly Instruction[], call: CallRecord): number {
  const record = recordOf(call);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, operand, jumpTrue, jumpFalse } = program[at] ?? {
      code: -1,
      operand: 0,
      jumpTrue: 0,
      jumpFalse: 0,
    };
    switch (code) {
      case BPF.LOAD_WORD:
        accumulator = record.getUint32(operand, true);
        break;
      case BPF.AND:
        accumulator = (accumulator & operand) >>> 0;
        break;
      case BPF.JUMP:
        at += operand;
        break;
      case BPF.JUMP_IF_EQUAL:
        at += accumulator === operand ? jumpTrue : jumpFalse;
        break;
      case BPF.JUMP_IF_AT_LEAST:
        at += accumulator >= operand ? jumpTrue : jumpFalse;
        break;
      case BPF.RETURN:
        return operand === ANSWER.ALLOW ? 0 : operand & 0xffff;
      default:
        throw new Error(`The kernel would not take operation ${code}.`);
    }
  }
  throw new Error("The program ends without an answer.");
}

function recordOf({ architecture, number, args = [] }: CallRecord): DataView {
  const record = new DataView(new ArrayBuffer(RECORD.ARGUMENTS + 6 * RECORD.ARGUMENT_BYTES));
  record.setUint32(RECORD.NUMBER, number, true);
  record.setUint32(RECORD.ARCHITECTURE, architecture, true);
  args.forEach((argument, index) => {
    record.setBigUint64(
      RECORD.ARGUMENTS + index * RECORD.ARGUMENT_BYTES,
      BigInt.asUintN(64, BigInt(argument)),
      true,
    );
  });
  return record;
}
