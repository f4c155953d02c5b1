/**
 * The program that dist/gpu-installer.cjs is: onnxruntime-node's own installer with what it needs, in one file. It writes to
 * ../bin/napi-v6/PLATFORM/ARCH from where it lies; a copy of it in a staging folder therefore leaves the package itself untouched.
 * It ends with the process that started it (lifeline.cjs beside it).
 * With RECORD_ARGUMENT and a package it installs nothing and prints what the feed says of that.
 */
import "./secure-endpoint.ts";
import { RECORD_ARGUMENT } from "../installer-arguments.ts";
import { holdLifeline } from "./hold-lifeline.ts";
import { printRecord } from "./record.ts";

holdLifeline();
const [argument, offered = ""] = process.argv.slice(2);
if (argument === RECORD_ARGUMENT) void printRecord(offered);
else void import("./install.ts");
