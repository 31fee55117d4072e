// The scheme editor by keyboard: arrows choose a line, Alt and arrows move it, Enter edits, Delete asks.
(() => {
  "use strict";

  const DIRECTIONS = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
  let back = ""; // the line the focus returns to after the tree is drawn anew
  let height = 0; // how far the page was scrolled before
  let wanted = ""; // "line" or "panel": where the focus goes then

  const editor = () => document.getElementById("bang-tieu-chi");
  const lines = () => Array.from(document.querySelectorAll("[data-thidua-line]"));

  const move = (line, direction) => {
    const form = document.querySelector("[data-thidua-move]");
    if (!form) return;
    const button = form.querySelector(`button[value="${direction}"]`);
    form.elements.line.value = line.dataset.thiduaLine;
    back = line.id;
    wanted = "line";
    button.disabled = false;
    button.click();
  };

  document.addEventListener("keydown", (event) => {
    const line = event.target.closest?.("[data-thidua-line]");
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.altKey) {
      const direction = DIRECTIONS[event.key];
      if (!direction) return;
      event.preventDefault();
      move(line, direction);
      return;
    }
    const all = lines();
    const place = all.indexOf(line);
    const next = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[Math.max(0, Math.min(all.length - 1, next))].focus();
    } else if (event.key === "Delete" && line.dataset.thiduaDelete) {
      event.preventDefault();
      back = line.id;
      wanted = "panel";
      window.htmx.ajax("GET", line.dataset.thiduaDelete, { source: line, target: "#bang-tieu-chi", swap: "outerHTML" });
    }
  });

  // One stop for Tab in the tree: the chosen line, else the first.
  const tabStop = () => {
    const all = lines();
    const chosen = all.find((a) => a.hasAttribute("aria-current")) || all[0];
    all.forEach((a) => a.setAttribute("tabindex", a === chosen ? "0" : "-1"));
  };
  document.addEventListener("focusin", (event) => {
    const line = event.target.closest?.("[data-thidua-line]");
    if (line) lines().forEach((a) => a.setAttribute("tabindex", a === line ? "0" : "-1"));
  });

  document.addEventListener("click", (event) => {
    const line = event.target.closest?.("[data-thidua-line]");
    if (line) {
      back = line.id;
      wanted = "panel";
    } else if (event.target.closest?.("#bang-tieu-chi [hx-get]")) {
      wanted = "panel";
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.closest?.("#bang-tieu-chi [hx-post]") || event.target.hasAttribute("data-thidua-move")) return;
    const chosen = document.querySelector("[data-thidua-line][aria-current]");
    back = chosen ? chosen.id : "";
    wanted = "line";
  });

  // What is typed and not saved does not go silently: the first press tells, the second one goes on.
  let dirty = null;
  let told = null;
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("#o-sua form[data-thidua-unsaved]");
    if (form) dirty = form;
  });
  document.addEventListener("htmx:confirm", (event) => {
    if (!dirty?.isConnected || event.target === dirty || !editor()?.contains(event.target)) return;
    if (told === event.target) {
      told = null;
      return;
    }
    event.preventDefault();
    told = event.target;
    wanted = "";
    const panel = document.getElementById("o-sua");
    const note = panel.querySelector(".scheme-unsaved") || document.createElement("div");
    note.className = "note note--warn scheme-note scheme-unsaved";
    note.setAttribute("role", "alert");
    note.textContent = "Dòng đang sửa chưa lưu. Bấm nút lưu ở đầu ô này, hoặc bấm lần nữa để bỏ những gì vừa gõ.";
    panel.querySelector(".body").prepend(note);
    if (window.innerWidth < 992) panel.scrollIntoView({ block: "start" });
  });

  // A refusal is told above the page; the tree and what was typed stay.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr?.responseText || "";
    if (!editor() || event.detail.target?.id !== "bang-tieu-chi") return;
    height = window.scrollY;
    if (event.detail.xhr.status >= 400 && !answer.includes('id="bang-tieu-chi"')) {
      event.detail.target = document.getElementById("thong-bao");
      event.detail.swapOverride = "innerHTML";
      window.scrollTo(0, 0);
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!editor()) return;
    tabStop();
    if (!wanted) return;
    const panel = document.getElementById("o-sua");
    if (editor().querySelector("[data-thidua-error-summary]")) {
      wanted = "";
      return;
    }
    if (wanted === "panel" && panel) {
      const field = panel.querySelector("textarea, input:not([type=hidden]), .btn-danger-line");
      (field || panel).focus({ preventScroll: true });
      // Beside the tree the editor is in view already; under it, on a narrow window, it has to be brought there.
      if (window.innerWidth < 992) panel.scrollIntoView({ block: "start" });
      else window.scrollTo(0, height);
    } else {
      const line = document.getElementById(back) || document.querySelector("[data-thidua-line][aria-current]");
      line?.focus();
    }
    wanted = "";
  });

  // The hint of the way of counting now chosen.
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-thidua-rule]")) return;
    event.target.form.querySelectorAll("[data-thidua-hint]").forEach((hint) => {
      hint.hidden = hint.dataset.thiduaHint !== event.target.value;
    });
  });

  document.addEventListener("DOMContentLoaded", tabStop);
})();
