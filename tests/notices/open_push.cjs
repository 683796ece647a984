// Opens a push as the browser that it is for would: standard input is {"sealed", "key", "auth"} in base64, output is what it says.
const { createECDH } = require("node:crypto");
const { readFileSync } = require("node:fs");
const ece = require("http_ece");

const said = JSON.parse(readFileSync(0, "utf8"));
const privateKey = createECDH("prime256v1");
privateKey.setPrivateKey(said.key, "base64");
const sealed = Buffer.from(said.sealed, "base64");
process.stdout.write(ece.decrypt(sealed, { version: "aes128gcm", privateKey, authSecret: Buffer.from(said.auth, "base64") }));
