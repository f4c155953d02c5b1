// Imported before the toolkit, which probes the browser with a <style> element while it loads and signs it with the nonce of this meta
// element; unsigned, the page's policy refuses the probe and every focus ring shows on mouse clicks too.
const nonce = document.currentScript?.nonce;
if (nonce && !document.querySelector('meta[property="csp-nonce"]')) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = nonce;
  document.head.append(meta);
}
