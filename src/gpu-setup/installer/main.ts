/**
 * The program that dist/gpu-installer.cjs is: onnxruntime-node's own installer with what it needs, in one file. It writes to
 * ../bin/napi-v6/PLATFORM/ARCH from where it lies; a copy of it in a staging folder therefore leaves the package itself untouched.
 * With RECORD_ARGUMENT and a package it installs nothing and prints what the feed says of that.
 */
import { RECORD_ARGUMENT } from "../installer-arguments.ts";
import { printRecord } from "./record.ts";

const [argument, offered = ""] = process.argv.slice(2);
if (argument === RECORD_ARGUMENT) void printRecord(offered);
else void import("./install.ts");
