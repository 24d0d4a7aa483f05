/** What is known of the rows of messages, without RabbitMQ. */
export {
  checkRows,
  isWrongElapsed,
  isWrongTime,
  knownWait,
} from "./impossible.ts";
export { listRedelivered, rowName } from "./redelivered.ts";
