// A push service that others wrote, at the test's own time, so that it can say whether a sender's token has run out.
// Arguments: the port, and that time in milliseconds since 1970.
const [port, moment] = process.argv.slice(2).map(Number);
const now = Date.now;
const ahead = moment - now();
Date.now = () => now() + ahead;
const { PushApiModel } = require("web-push-testing/src/PushApiModel");
const Service = require("web-push-testing/src/server");
new Service(new PushApiModel(), port).startServer();
