// Keeps the cards of the page of connections as they are now. Without it, the
// page is the same and has to be opened again.
"use strict";
{
  const live = document.getElementById("live");
  const said = document.getElementById("said");
  const soon = 2000, later = 30000;
  let last = "";

  const again = () => setTimeout(look, live.firstElementChild?.dataset.busy === "true" ? soon : later);

  // show replaces the cards, and leaves focus and what was unfolded as it was.
  const show = (text) => {
    const focus = live.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...live.querySelectorAll("details[open]")].map((d) => d.id);
    const before = live.firstElementChild?.dataset.said;
    live.innerHTML = text;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focus) document.getElementById(focus)?.focus();
    const now = live.firstElementChild?.dataset.said;
    if (now !== before) said.textContent = now;
  };

  const look = async () => {
    if (document.hidden) return again();
    try {
      const answer = await fetch(live.dataset.from, { cache: "no-store", redirect: "error" });
      if (answer.status === 401) return location.assign("/connect");
      const text = answer.ok ? await answer.text() : last;
      if (text !== last) show(text);
      last = text;
    } catch {
      // the server or the network is away for a moment
    }
    again();
  };

  if (live) again();
  // The address tells what was just done, and would tell it again.
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
}
