export {
  type Broker,
  broker,
  type BrokerOptions,
  isReachable,
  openBroker,
} from "./broker.ts";
export { GivenBack, openInbox, type Verdict } from "./inbox.ts";
export { readMessage, writeMessage } from "./message.ts";
export { openOutbox, type Outbox, type Outgoing } from "./outbox.ts";
export { keepBroker } from "./reconnect.ts";
