import { fuzz } from "./fuzz.ts";

fuzz(250, 250);
