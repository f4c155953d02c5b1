/**
 * Loaded before the installer (node --require): a feed's first answer holds the main thread for ever, as unpacking does for seconds. The file
 * PID_FILE then names the process.
 */
const fs = require("node:fs");
const https = require("node:https");

https.get = () => {
  fs.writeFileSync(process.env.PID_FILE, String(process.pid));
  for (;;);
};
