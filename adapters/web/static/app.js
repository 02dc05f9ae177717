"use strict";

// Times stand in the page in UTC; people read them in their own zone. What is
// "now" is for the desk's clock to say: a demo's runs on another day.
let skew = 0;
const now = () => Date.now() + skew;
const setNow = (stamp) => { skew = new Date(stamp) - Date.now() || 0; };

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

function ago(then) {
  const seconds = (then - now()) / 1000;
  if (Math.abs(seconds) > 30 * 86400) return then.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return "just now";
}

function localise(root) {
  for (const el of root.querySelectorAll("time")) {
    const at = new Date(el.dateTime);
    if (isNaN(at)) continue;
    el.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "short" });
    const clock = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
    const today = new Date(now()).toDateString() === at.toDateString();
    if (el.dataset.style === "R" || el.closest(".row, .byline, .history, .outlets")) el.textContent = ago(at);
    else if (el.closest(".s-message")) el.textContent = today ? clock : at.toLocaleDateString(undefined, { day: "numeric", month: "short" }) + ", " + clock;
    else el.textContent = today ? "Today at " + clock : at.toLocaleDateString() + " " + clock;
  }
}

const body = document.body;
setNow(body.dataset.now);
localise(document);
setInterval(() => localise(document), 60000);

if (body.classList.contains("preview")) {
  const panes = { discord: document.getElementById("discord"), slack: document.getElementById("slack") };
  const live = document.getElementById("live");
  const trouble = document.getElementById("trouble");
  const line = document.getElementById("line");
  let version = body.dataset.version;

  const nearEnd = (pane) => pane.scrollHeight - pane.scrollTop - pane.clientHeight < 120;
  // Scrolls to the end, or to the head of the last message where it is too tall to see whole.
  const toEnd = (pane) => {
    pane.scrollTop = pane.scrollHeight;
    const last = [...pane.querySelectorAll("article")].pop();
    const head = pane.querySelector(".pane-head").offsetHeight;
    const above = last ? pane.getBoundingClientRect().top + head + 6 - last.getBoundingClientRect().top : 0;
    if (above > 0) pane.scrollTop -= above;
  };

  // Asks whether anything changed. A page that nobody looks at stays silent.
  let next;
  async function refresh() {
    let wait = 2000;
    clearTimeout(next);
    try {
      if (!document.hidden) {
        const query = new URLSearchParams({ channel: body.dataset.channel, v: version });
        const answer = await fetch("/messages?" + query, { signal: AbortSignal.timeout(10000) });
        if (answer.status === 401) { location.reload(); return; }
        if (answer.status === 200) {
          const parts = await answer.json();
          version = parts.version;
          setNow(parts.now);
          for (const name of ["discord-list", "slack-list", "top-list"]) {
            const el = document.getElementById(name);
            const pane = el.closest(".pane");
            const follow = pane && nearEnd(pane);
            el.innerHTML = parts[name];
            localise(el);
            if (follow) toEnd(pane);
          }
        } else if (answer.status !== 204) throw new Error(answer.statusText);
        live.textContent = "live";
        live.classList.remove("lost");
      }
    } catch {
      live.textContent = "reconnecting";
      live.classList.add("lost");
      wait = 5000;
    }
    next = setTimeout(refresh, wait);
  }

  // Sends a command. A private answer appears below the messages, for this page
  // alone, or in the place of the one whose button was pressed; what others see
  // comes with the messages.
  let asking = false;
  async function ask(text, pressed = "") {
    if (asking || !text.trim()) return;
    asking = true;
    body.classList.add("asking");
    trouble.textContent = "";
    try {
      const answer = await fetch("/api/command", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, channel: body.dataset.channel, draw: true, pressed }),
        signal: AbortSignal.timeout(15000),
      });
      const reply = await answer.json();
      if (!answer.ok) throw new Error(reply.error);
      if (!reply.private) {
        await refresh();
        Object.values(panes).forEach(toEnd);
        return true;
      }
      for (const [name, pane] of Object.entries(panes)) {
        const box = pane.querySelector(".answers");
        const old = reply.replaces && [...box.children].find((el) => el.dataset.id === pressed);
        if (old) {
          old.insertAdjacentHTML("afterend", reply.drawing[name]);
          localise(old.nextElementSibling);
          old.remove();
          continue;
        }
        while (box.children.length > 9) box.firstElementChild.remove();
        box.insertAdjacentHTML("beforeend", reply.drawing[name]);
        localise(box.lastElementChild);
        toEnd(pane);
        // A picture has its height only once it is there.
        for (const img of box.lastElementChild.querySelectorAll("img")) img.addEventListener("load", () => toEnd(pane), { once: true });
      }
      return true;
    } catch (err) {
      trouble.textContent = err.name === "TimeoutError" ? "No answer within 15 seconds." : err.message || "The desk does not answer.";
    } finally {
      asking = false;
      body.classList.remove("asking");
    }
  }

  // Choices for what is typed: in a menu they are what its option may be, in the
  // box whole commands. An answer that comes late, after more was typed, counts
  // for nothing.
  const choices = document.getElementById("choices");
  const hints = document.getElementById("hints");
  const usual = [...hints.children];
  let offered = [], latest = 0, pause;
  async function suggest(input, query) {
    const mine = ++latest;
    const answer = await fetch("/api/suggest?" + new URLSearchParams({ channel: body.dataset.channel, ...query })).catch(() => null);
    const found = answer?.ok ? (await answer.json()).choices : [];
    if (mine !== latest) return;
    const option = (value, label) => Object.assign(document.createElement("option"), { value, label });
    if (input === line) {
      hints.replaceChildren(...found.map((c) => option("/news " + c.line, c.label)), ...usual);
      return;
    }
    offered = found;
    choices.replaceChildren(...found.map((c) => option(c.label, c.value === c.label ? "" : c.value)));
  }
  const queryOf = (input) => (input === line ? { text: line.value } : { command: input.dataset.command, option: input.dataset.option, text: input.value });
  function choose(input) {
    const choice = offered.find((c) => c.label === input.value || c.value === input.value);
    if (!choice) return false;
    input.value = "";
    ask("/news " + choice.line, input.closest(".answers [data-id]")?.dataset.id);
    return true;
  }
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".s-menu")) suggest(event.target, queryOf(event.target));
  });
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (input !== line && !input.matches(".s-menu")) return;
    // One that was chosen from the list, and not typed.
    if (input !== line && (event.inputType === "insertReplacementText" || !event.inputType) && choose(input)) return;
    clearTimeout(pause);
    pause = setTimeout(() => suggest(input, queryOf(input)), 150);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".s-menu")) choose(event.target);
  });

  const asked = [];
  let back = 0;
  document.getElementById("box").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = line.value;
    if (await ask(text)) {
      asked.push(text);
      back = asked.length;
      if (line.value === text) line.value = "";
    }
  });
  line.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !asked.length || (line.value && line.value !== asked[back])) return;
    event.preventDefault();
    back = Math.min(Math.max(back + step, 0), asked.length);
    line.value = asked[back] || "";
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, .spoiler");
    if (!button) return;
    if (button.dataset.line) ask("/news " + button.dataset.line, button.closest(".answers [data-id]")?.dataset.id);
    if (button.classList.contains("spoiler")) button.classList.add("seen");
    if (button.classList.contains("dismiss")) {
      const id = button.closest("[data-id]").dataset.id;
      for (const el of document.querySelectorAll(".answers [data-id]")) if (el.dataset.id === id) el.remove();
    }
    if (button.dataset.show) show(button.dataset.show);
  });

  // A narrow screen has room for one platform at a time.
  function show(name) {
    body.dataset.show = name;
    for (const b of document.querySelectorAll("[data-show]")) if (b !== body) b.setAttribute("aria-pressed", b.dataset.show === name);
    toEnd(panes[name]);
  }

  show("discord");
  Object.values(panes).forEach(toEnd);
  next = setTimeout(refresh, 2000);
}
