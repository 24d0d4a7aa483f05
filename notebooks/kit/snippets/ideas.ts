/** The lines that each script is about: those that a listing emphasises. */
export const ideas: Partial<Record<string, RegExp>> = {
  "sync": /await call/,
  "async": /Promise\.all/,
  "semaphore": /pLimit|Promise|semaphore\(/,
  "throttle": /sleep\(waitFor|dueAfter|gate\.then|pauseAfter/,
  "p-throttle": /pThrottle\(|throttled/,
  "producer": /outbox/,
  "consumer": /sync\(\)|acknowledge"/,
  "attack": /until\(due|call\(/,
  "users": /await call|sleep\(think/,
};
