// Keeps the keyboard where it was: a link that htmx replaced (a page number, a filter that was taken out) is gone, so
// the rows it led to get the focus instead of the top of the page.
(() => {
  "use strict";

  document.addEventListener("htmx:afterSettle", (event) => {
    if (!["results", "roster"].includes(event.target.id) || document.activeElement !== document.body) return;
    document.querySelector("#results .region, #results a")?.focus({ preventScroll: true });
  });
})();
