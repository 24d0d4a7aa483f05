export { balance } from "./balance.ts";
export { playRound, type Round } from "./round.ts";
export { brokerFaults, consumerFaults } from "./stage.ts";
export { play, type Played, type Stage } from "./stage.ts";
export { growth, type Sample, sample } from "./usage.ts";
