/** The mail server did not take the e-mail, and said so; `isFinal` when another attempt cannot help. */
export class SmtpRefusal extends Error {
  override readonly name = "SmtpRefusal";
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}
