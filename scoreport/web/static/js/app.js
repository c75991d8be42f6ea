// What pages gain when JavaScript runs. Nothing here is needed to use them: menus are <details>, filters and sorting
// are links and forms. No code is ever built from text, so that the page's policy can forbid it.
(() => {
  "use strict";

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-popover][open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };

  // Menus: one at a time; a click elsewhere, Escape, or leaving with Tab closes them.
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-popover]")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details[data-popover]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details[data-popover][open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  });

  // A page that was asked for to print it prints itself.
  addEventListener("load", () => {
    if (document.querySelector("[data-print=now]")) window.print();
  });

  // Buttons that only make sense here: print, open a dialog. A refused button says why and does nothing.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    else if ("print" in button.dataset) window.print();
    else if (button.dataset.open) document.getElementById(button.dataset.open)?.showModal();
  });

  // A refused form says so first.
  document.querySelector("[data-focus]")?.focus();

  // A form is sent once, even when the button is pressed twice; coming back to the page frees it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });

  // Who types into a search before the scripts run would wait for its results forever: nothing has asked for them yet.
  const isTyped = (field) => ["search", "text"].includes(field.type) && field.value !== field.defaultValue;
  addEventListener("load", () => {
    for (const form of document.querySelectorAll("form[hx-get]")) {
      if ([...form.elements].some(isTyped)) form.requestSubmit();
    }
  });

  // htmx: say when a part could not be loaded, and go to the sign-in page instead of drawing it into a table.
  const problem = document.getElementById("problem");
  const say = (text) => {
    if (!problem) return;
    problem.textContent = text;
    setTimeout(() => (problem.textContent = ""), 10000);
  };
  const dialog = document.getElementById("session");
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.xhr.responseURL;
    if (dialog && target && new URL(target).pathname === dialog.dataset.signIn) {
      event.preventDefault();
      location.reload();
    }
  });
  document.addEventListener("htmx:sendError", () => say(problem?.dataset.failed));
  document.addEventListener("htmx:responseError", (event) => {
    // What was too large is answered with a sentence, not with a page.
    const { status, responseText } = event.detail.xhr;
    say(status === 413 && responseText.length < 500 ? responseText : problem?.dataset.failed);
  });
  document.addEventListener("htmx:timeout", () => say(problem?.dataset.slow));

  // Uploads: a <progress data-upload> in the form shows what was sent.
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.closest("form")?.querySelector("progress[data-upload]");
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.max = event.detail.total;
    bar.value = event.detail.loaded;
  });

  // The session: warn in time, count down, stay on request, and leave the page when the time is over, so that scores
  // do not stay on an unattended screen. Other tabs count as presence.
  if (!dialog) return;
  const idle = Number(dialog.dataset.idle) * 1000;
  const warn = Number(dialog.dataset.warn) * 1000;
  const left = document.getElementById("session-left");
  const key = "scoreport-seen";
  const now = () => Date.now();
  const mark = () => {
    try {
      localStorage.setItem(key, String(now()));
    } catch {
      // Storage is switched off: this tab counts alone.
    }
    opened = now();
  };
  const seen = () => {
    try {
      return Math.max(opened, Number(localStorage.getItem(key)) || 0);
    } catch {
      return opened;
    }
  };
  let opened = now();
  mark();
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && !event.detail.elt.matches("[hx-trigger^=every]")) mark();
  });
  dialog.addEventListener("close", async () => {
    const answer = await fetch(dialog.dataset.stay).catch(() => null);
    if (answer && (answer.redirected || answer.status === 401 || answer.status === 403)) location.reload();
    else if (answer?.ok) mark();
    else say(problem?.dataset.failed);
  });
  setInterval(() => {
    const rest = idle - (now() - seen());
    if (rest <= 0) {
      location.reload();
    } else if (rest <= warn) {
      const seconds = Math.ceil(rest / 1000);
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (!dialog.open) dialog.showModal();
    } else if (dialog.open) {
      dialog.close();
    }
  }, 1000);
})();
