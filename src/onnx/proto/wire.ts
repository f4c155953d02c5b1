const TEXT = new TextEncoder();

const FLOAT = new Float32Array(1);
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);

const varintLength = (value: number): number => {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
};

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
};

/**
 * Fields of Protocol Buffers messages, in the order in which they are called. What writes a message runs twice, first to learn how long each
 * part is and then to write it into memory of just that size: nothing is copied, and no objects are made for the fields.
 * @source Protocol Buffers encoding, https://protobuf.dev/programming-guides/encoding.
 */
export class Wire {
  #at = 0;
  #turn = 0;

  /** `bytes`: null while lengths are learned; `lengths`: of the messages inside one another, in order of their beginnings. */
  private constructor(private readonly bytes: Uint8Array | null, private readonly lengths: number[]) {}

  /** The message that `write` writes, which must do the same both times. */
  static written(write: (w: Wire) => void): Uint8Array {
    const lengths: number[] = [];
    const counted = new Wire(null, lengths);
    write(counted);
    const bytes = new Uint8Array(counted.#at);
    write(new Wire(bytes, lengths));
    return bytes;
  }

  /** A whole number from 0 to 2⁵³ − 1. */
  #varint(value: number): void {
    if (this.bytes === null) {
      this.#at += varintLength(value);
      return;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.#at++] = (rest % 128) + 128;
    this.bytes[this.#at++] = rest;
  }

  /** A whole number of 64 bits, negative ones as 2⁶⁴ more. */
  #bigVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) this.#byte(Number(rest & 127n) + 128);
    this.#byte(Number(rest));
  }

  #byte(value: number): void {
    if (this.bytes) this.bytes[this.#at] = value;
    this.#at++;
  }

  #tag(field: number, kind: 0 | 2 | 5): void {
    this.#varint(field * 8 + kind);
  }

  /** An int32, int64 or enum field. */
  int(field: number, value: number | bigint): void {
    this.#tag(field, 0);
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) this.#varint(Number(value));
    else this.#bigVarint(BigInt(value));
  }

  /** A float field. */
  float(field: number, value: number): void {
    this.#tag(field, 5);
    FLOAT[0] = value;
    this.bytes?.set(FLOAT_BYTES, this.#at);
    this.#at += 4;
  }

  /** A bytes field. */
  data(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.bytes?.set(value, this.#at);
    this.#at += value.length;
  }

  /** A string field, or a bytes field that holds UTF-8. */
  text(field: number, value: string): void {
    if (!isAscii(value)) {
      this.data(field, TEXT.encode(value));
      return;
    }
    this.#tag(field, 2);
    this.#varint(value.length);
    if (this.bytes) for (let i = 0; i < value.length; i++) this.bytes[this.#at + i] = value.charCodeAt(i);
    this.#at += value.length;
  }

  texts(field: number, values: readonly string[]): void {
    for (const value of values) this.text(field, value);
  }

  /** A message field with the fields that `write` writes. */
  message(field: number, write: () => void): void {
    this.#tag(field, 2);
    if (this.bytes) {
      this.#varint(this.lengths[this.#turn++] ?? 0);
      write();
      return;
    }
    const place = this.lengths.push(0) - 1;
    const before = this.#at;
    write();
    const length = this.#at - before;
    this.lengths[place] = length;
    this.#varint(length);
  }
}
