/** RabbitMQ, for programs that can't do without. */
import process from "node:process";
import { connect } from "amqplib";

const url = process.env.AMQP_URL ?? "amqp://127.0.0.1";
export const connection = await connect(url).catch(({ code, message }) => {
  console.error(`No RabbitMQ (${message || code}); AMQP_URL names another`);
  process.exit(1);
});
