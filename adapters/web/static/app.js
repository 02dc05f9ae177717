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
  const heard = document.getElementById("heard"); // by screen readers, once for both platforms
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

  // Who uses the keyboard stays where they were while what stands there is
  // drawn anew: at the button or link that is the same by now, or else at the
  // message that took its place.
  function place(el) {
    const at = document.activeElement;
    if (!el.contains(at)) return () => {};
    const id = at.closest("[data-id]")?.dataset.id, words = at.textContent;
    return (now) => {
      const message = now.matches("[data-id]") ? now : [...now.querySelectorAll("[data-id]")].find((m) => m.dataset.id === id) || now;
      const same = [...message.querySelectorAll("a, button, input")].find((b) => b.textContent === words);
      if (!same) message.tabIndex = -1;
      (same || message).focus({ preventScroll: true });
    };
  }

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
          for (const name of ["channels", "discord-list", "slack-list", "top-list"]) {
            const el = document.getElementById(name);
            const pane = el.closest(".pane");
            const follow = pane && nearEnd(pane);
            const again = place(el);
            el.innerHTML = parts[name];
            localise(el);
            again(el);
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
  // comes with the messages. A form that was filled in stays open until it is
  // answered.
  let asking = false;
  async function ask(text, pressed = "", fields = undefined) {
    if (asking || !text.trim()) return;
    asking = true;
    body.classList.add("asking");
    const complaint = fields ? dialog.querySelector("[role=alert]") : trouble;
    complaint.textContent = "";
    if (fields) mark([]);
    try {
      const answer = await fetch("/api/command", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, channel: body.dataset.channel, draw: true, pressed, fields }),
        signal: AbortSignal.timeout(15000),
      });
      const reply = await answer.json();
      if (!answer.ok) throw new Error(reply.error);
      if (fields && reply.errors) {
        mark(reply.errors);
        return;
      }
      if (fields) dialog.close(); // and the focus is back at what opened it
      if (reply.form) {
        open(reply.form, pressed);
        return true;
      }
      heard.textContent = "Newsdesk: " + (reply.card.title || reply.card.text || "");
      if (!reply.private) {
        await refresh();
        Object.values(panes).forEach(toEnd);
        return true;
      }
      for (const [name, pane] of Object.entries(panes)) {
        const box = pane.querySelector(".answers");
        const old = reply.replaces && [...box.children].find((el) => el.dataset.id === pressed);
        if (old) {
          const again = place(old);
          old.insertAdjacentHTML("afterend", reply.drawing[name]);
          const drawn = old.nextElementSibling;
          localise(drawn);
          old.remove();
          again(drawn);
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
      complaint.textContent = err.name === "TimeoutError" ? "No answer within 15 seconds." : err.message || "The desk does not answer.";
    } finally {
      asking = false;
      body.classList.remove("asking");
    }
  }

  // A form stands above the page until it is filled in or given up. Any number
  // of choices are boxes to tick, one of several a list.
  const dialog = document.getElementById("form");
  const make = (tag, properties, ...kids) => {
    const el = Object.assign(document.createElement(tag), properties);
    el.append(...kids);
    return el;
  };
  function open(form, pressed) {
    dialog.querySelector("h2").textContent = form.title;
    dialog.querySelector("[type=submit]").textContent = form.submit;
    dialog.querySelector(".fields").replaceChildren(...form.fields.map((f) => {
      const chosen = f.value.split(",");
      if (f.many) {
        return make("fieldset", {}, make("legend", { textContent: f.label }), ...f.choices.map((c) =>
          make("label", {}, make("input", { type: "checkbox", name: f.name, value: c.value, defaultChecked: chosen.includes(c.value) }), c.label)));
      }
      if (f.choices) {
        return make("label", {}, f.label, make("select", { name: f.name }, ...f.choices.map((c) => new Option(c.label, c.value, chosen.includes(c.value), chosen.includes(c.value)))));
      }
      const input = make("input", { type: "text", name: f.name, value: f.value, placeholder: f.hint || "", maxLength: 1000 });
      if (f.command) {
        Object.assign(input.dataset, { command: f.command, option: f.name });
        input.setAttribute("list", "choices");
      }
      return make("label", {}, f.label, input);
    }));
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      const given = new FormData(event.target);
      ask("/news " + form.line, pressed, Object.fromEntries(form.fields.map((f) => [f.name, given.getAll(f.name).join(",")])));
    };
    dialog.querySelector(".cancel").onclick = () => dialog.close();
    dialog.querySelector("[role=alert]").textContent = "";
    dialog.showModal();
  }
  // Says at each field what is wrong with it, and has all of it read out at once.
  function mark(errors) {
    for (const el of dialog.querySelectorAll(".wrong")) el.remove();
    for (const el of dialog.querySelectorAll("[aria-describedby]")) {
      el.removeAttribute("aria-describedby");
      el.removeAttribute("aria-invalid");
    }
    const all = errors.map(({ field, text }) => {
      const input = dialog.querySelector(`[name="${CSS.escape(field)}"]`);
      const group = input?.closest("fieldset"), whole = group || input?.closest("label");
      if (!whole) return text;
      const said = make("p", { className: "wrong", id: "wrong-" + field, textContent: text });
      (group || input).setAttribute("aria-describedby", said.id);
      if (!group) input.setAttribute("aria-invalid", "true");
      whole.after(said);
      return (group ? group.querySelector("legend") : whole.firstChild).textContent + ": " + text;
    });
    const aloud = dialog.querySelector("[role=alert]");
    aloud.classList.toggle("away", all.length > 0 && all.length === dialog.querySelectorAll(".wrong").length); // seen at the fields
    aloud.textContent = all.join(" ");
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
    if (dialog.contains(input)) { // after those that stand there
      const before = input.value.slice(0, input.value.lastIndexOf(",") + 1);
      choices.replaceChildren(...found.map((c) => option(before + c.value, c.label)));
      return;
    }
    offered = found;
    choices.replaceChildren(...found.map((c) => option(c.label, c.value === c.label ? "" : c.value)));
  }
  const queryOf = (input) => (input === line ? { text: line.value } : { command: input.dataset.command, option: input.dataset.option, text: dialog.contains(input) ? input.value.split(",").pop().trim() : input.value });
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
    const field = dialog.contains(input) && input.dataset.option;
    if (input !== line && !input.matches(".s-menu") && !field) return;
    // One that was chosen from the list, and not typed.
    if (input !== line && !field && (event.inputType === "insertReplacementText" || !event.inputType) && choose(input)) return;
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
