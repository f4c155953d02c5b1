/** With this argument and a package as JSON the installer's program prints the feed's record of the package, and does nothing else. */
export const RECORD_ARGUMENT = "--print-record";
