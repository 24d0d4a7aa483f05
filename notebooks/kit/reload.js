// In pages that are watched: loads the page again when it was rendered again, and
// shows why it can't be.
const events = new EventSource(`/events?seen=${seen}`);
const says = document.createElement("pre");
says.setAttribute("role", "alert");
says.style = "position: fixed; inset: 0 0 auto; z-index: 9; margin: 0; " +
  "max-height: 50vh; overflow: auto; padding: 1rem; white-space: pre-wrap; " +
  "background: #b3261e; color: #fff";

events.addEventListener("rendered", () => location.reload());
events.addEventListener("failed", ({ data }) => {
  says.textContent = JSON.parse(data);
  document.body.append(says);
});
