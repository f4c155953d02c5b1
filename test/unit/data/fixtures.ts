import { fileURLToPath } from "node:url";

/** The path of a file under test/fixtures/data. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/data/${name}`, import.meta.url));
