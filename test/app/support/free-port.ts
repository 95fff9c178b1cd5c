export { freePort } from "../../../app/packages/embedded/free-port";
