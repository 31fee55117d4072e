// Small behaviours of every page. Nothing here is needed to read or to send a form.
(() => {
  "use strict";

  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

  // ------------------------------------------------------------ errors: focus goes to the summary
  const showFaults = (root) => root.querySelector?.("[data-thidua-error-summary]")?.focus();
  document.addEventListener("DOMContentLoaded", () => showFaults(document));
  document.addEventListener("htmx:afterSwap", (event) => showFaults(event.target));

  // A link of the summary puts the cursor into the field, not only the field into view.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-thidua-error-summary] a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (field) {
      event.preventDefault();
      field.focus();
      field.scrollIntoView({ block: "center" });
    }
  });

  // ------------------------------------------------------------ htmx
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && token()) event.detail.headers["X-CSRFToken"] = token();
  });
  // Signed in anew in another tab: the answer brings a fresh token, the next press of the button works.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const fresh = event.detail.xhr.getResponseHeader("X-New-CSRF-Token");
    if (!fresh) return;
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => {
      field.value = fresh;
    });
  });
  const notice = (sentence) => {
    const place = document.getElementById("thong-bao");
    if (!place) return;
    const box = document.createElement("div");
    box.className = "note note--warn";
    const text = document.createElement("p");
    text.textContent = sentence;
    box.append(text);
    place.replaceChildren(box);
  };
  document.addEventListener("htmx:sendError", () =>
    notice("Mất mạng, chưa gửi được. Nội dung bạn gõ vẫn còn ở đây. Khi có mạng, gửi lại."));
  document.addEventListener("htmx:timeout", () =>
    notice("Máy chủ trả lời chậm, chưa biết đã ghi chưa. Tải lại trang để xem."));

  // ------------------------------------------------------------ one press, one deed
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.thiduaSent) {
      event.preventDefault();
      return;
    }
    form.dataset.thiduaSent = "1";
    const button = event.submitter || form.querySelector("[type=submit]");
    button?.setAttribute("aria-disabled", "true");
    // After a download or a lost connection the page stays: the button must work again.
    setTimeout(() => release(form), 8000);
  });
  const release = (form) => {
    delete form.dataset.thiduaSent;
    form.querySelectorAll("[aria-disabled=true]").forEach((button) => button.removeAttribute("aria-disabled"));
  };
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-thidua-sent]").forEach(release));

  // A form that stays on the page after htmx sent it needs a new one-time key for its next content.
  const renewKey = (form) => {
    const field = form.querySelector("input[name=form_key]");
    if (!field) return;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    field.value = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  // ------------------------------------------------------------ unsaved text: form[data-thidua-unsaved]
  const unsaved = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-thidua-unsaved]");
    if (form) unsaved.add(form);
  });
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && !event.target.hasAttribute("hx-post")) unsaved.delete(event.target);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (!form) return;
    if (event.detail.successful) {
      unsaved.delete(form);
      renewKey(form);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of unsaved) if (!form.isConnected) unsaved.delete(form);
    if (unsaved.size) event.preventDefault();
  });

  // ------------------------------------------------------------ toasts: HX-Trigger {"thidua-toast": {text, url, link}}
  const toast = ({ text, url, link }) => {
    const place = document.getElementById("bao-xong");
    if (!place || !text) return;
    while (place.children.length > 1) place.firstElementChild.remove();
    const box = document.createElement("div");
    box.className = "toast-box";
    const words = document.createElement("span");
    words.textContent = text;
    box.append(words);
    if (url && url.startsWith("/")) {
      const anchor = document.createElement("a");
      anchor.href = url;
      anchor.textContent = link || "Mở";
      box.append(anchor);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-plain btn-sm push";
    close.textContent = "Đóng";
    close.addEventListener("click", () => box.remove());
    box.append(close);
    place.append(box);
  };
  document.addEventListener("thidua-toast", (event) => toast(event.detail || {}));

  // ------------------------------------------------------------ menus made of <details data-thidua-menu>
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-thidua-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-thidua-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
  });

  // ------------------------------------------------------------ a picker beside each date field, as an extra
  const pad = (number, width) => String(number).padStart(width, "0");
  const addPicker = (field) => {
    if (field.dataset.thiduaPicker || field.disabled || field.readOnly || !("showPicker" in HTMLInputElement.prototype)) return;
    field.dataset.thiduaPicker = "1";
    const native = document.createElement("input");
    native.type = "date";
    native.className = "picker";
    native.tabIndex = -1;
    native.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-plain btn-sm";
    button.textContent = "Lịch";
    const label = field.labels?.[0]?.textContent.trim();
    if (label) button.setAttribute("aria-label", `Lịch: ${label}`);
    button.addEventListener("click", () => {
      const typed = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(field.value.trim());
      native.value = typed ? `${typed[3]}-${pad(typed[2], 2)}-${pad(typed[1], 2)}` : "";
      try {
        native.showPicker();
      } catch {
        field.focus();
      }
    });
    native.addEventListener("change", () => {
      const [year, month, day] = native.value.split("-");
      if (day) field.value = `${day}/${month}/${year}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
    const box = document.createElement("span");
    box.className = "with-picker";
    field.before(box);
    box.append(field, button, native);
  };
  const dress = (root) => root.querySelectorAll?.("[data-thidua-date]").forEach(addPicker);
  document.addEventListener("DOMContentLoaded", () => dress(document));
  document.addEventListener("htmx:afterSwap", (event) => dress(event.target));

  // ------------------------------------------------------------ small buttons
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-thidua-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (control.dataset.thiduaReveal) {
      document.querySelectorAll(control.dataset.thiduaReveal).forEach((field) => {
        field.type = control.checked ? "text" : "password";
      });
    }
    if ("thiduaSend" in control.dataset) control.form?.requestSubmit();
  });
})();
