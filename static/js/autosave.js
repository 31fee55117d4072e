// Long drafts: rows are added, moved and dropped here, and the form saves itself while somebody types.
// Without this file the same page is a form with a few blank rows and a button.
(() => {
  "use strict";
  const WAIT = 2000;
  const AGAIN = 15000;

  // ------------------------------------------------------------ rows
  const rowsOf = (list) => [...list.querySelectorAll("[data-thidua-row]:not([data-gone])")];
  const number = (list) => rowsOf(list).forEach((row, i) => {
    const field = row.querySelector("input[name$='-position']");
    if (field) field.value = isBlank(row) ? "" : String(i + 1);
  });
  const isBlank = (row) =>
    [...row.querySelectorAll("input, textarea")].every((f) => f.name.endsWith("-position") || f.type === "hidden" || !f.value.trim());
  const changed = (list) => {
    number(list);
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const addRow = (list) => {
    const total = list.querySelector("[data-thidua-rows-total]");
    const index = total.value;
    const copy = list.querySelector("template").content.cloneNode(true);
    copy.querySelectorAll("[name], [id], [for], [aria-describedby]").forEach((node) => {
      ["name", "id", "for", "aria-describedby"].forEach((attribute) => {
        const value = node.getAttribute(attribute);
        if (value) node.setAttribute(attribute, value.replaceAll("__i__", index));
      });
    });
    copy.querySelectorAll(".script-only").forEach((node) => { node.hidden = false; });
    total.value = String(Number(index) + 1);
    list.querySelector("[data-thidua-rows-body]").append(copy);
    rowsOf(list).at(-1).querySelector("input:not([type=hidden]), select, textarea")?.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    const list = button?.closest("[data-thidua-rows]");
    if (!list) return;
    const row = button.closest("[data-thidua-row]");
    if ("thiduaRowAdd" in button.dataset) addRow(list);
    if ("thiduaRowUp" in button.dataset || "thiduaRowDown" in button.dataset) {
      const rows = rowsOf(list);
      const other = rows[rows.indexOf(row) + ("thiduaRowUp" in button.dataset ? -1 : 1)];
      if (!other) return;
      if ("thiduaRowUp" in button.dataset) other.before(row);
      else other.after(row);
      button.focus();
      changed(list);
    }
    if ("thiduaRowRemove" in button.dataset) {
      const next = rowsOf(list).find((one) => one !== row);
      row.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => { field.value = ""; });
      row.querySelectorAll("select").forEach((field) => { field.selectedIndex = defaultIndex(list, field); });
      row.dataset.gone = "1";
      row.hidden = true;
      (next?.querySelector("[data-thidua-row-remove]") || list.querySelector("[data-thidua-row-add]"))?.focus();
      changed(list);
    }
  });
  const defaultIndex = (list, field) => {
    const name = field.name.replace(/-\d+-/, "-__i__-");
    const blank = [...list.querySelector("template").content.querySelectorAll("select")].find((one) => one.name === name);
    return blank ? blank.selectedIndex : 0;
  };

  // ------------------------------------------------------------ saving
  const uuid = () => crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  const watch = (form) => {
    const field = (name) => form.elements.namedItem(name);
    const state = form.querySelector("[data-thidua-save-state]");
    const more = form.querySelector("[data-thidua-save-more]");
    const store = `thidua-draft:${form.dataset.thiduaUser}:${form.dataset.thiduaAutosave}:${location.pathname}`;
    let timer = 0;
    let running = false;
    let dirty = false;
    let lost = "";

    const say = (text, kind) => {
      state.textContent = text;
      state.dataset.kind = kind;
    };
    const offer = (text, action) => {
      more.replaceChildren();
      if (!text) return;
      const part = document.createElement(typeof action === "string" ? "a" : "button");
      part.textContent = text;
      if (typeof action === "string") {
        part.href = action;
        part.target = "_blank";
        part.rel = "noopener";
      } else {
        part.type = "button";
        part.className = "btn btn-plain btn-sm";
        part.addEventListener("click", action);
      }
      more.append(part);
    };

    // What was typed stays in this tab until the server has it: also over a reload or an expired session.
    const content = () => [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "form_key"].includes(name));
    const keep = () => {
      try {
        sessionStorage.setItem(store, JSON.stringify({ at: Date.now(), fields: content(), lost }));
      } catch { /* full or refused: the page itself still holds everything */ }
    };
    const forget = () => {
      try {
        sessionStorage.removeItem(store);
      } catch { /* nothing to forget */ }
    };
    const kept = () => {
      try {
        return JSON.parse(sessionStorage.getItem(store) || "null");
      } catch {
        return null;
      }
    };

    const later = (wait) => {
      clearTimeout(timer);
      timer = setTimeout(send, wait);
    };

    const renew = async () => {
      const page = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("input[name=csrfmiddlewaretoken]");
      if (!token) return false;
      form.querySelector("input[name=csrfmiddlewaretoken]").value = token.value;
      return true;
    };

    const send = async (second) => {
      if (running || !dirty) return;
      running = true;
      dirty = false;
      form.querySelectorAll("[data-thidua-rows]").forEach(number);
      const key = uuid();
      field("save_key").value = key;
      field("after_key").value = lost;
      keep();
      const body = new URLSearchParams(new FormData(form));
      body.delete("form_key");
      const slow = setTimeout(() => say("Đang lưu…", "wait"), 400);
      let answer;
      try {
        answer = await fetch(form.action || location.href, {
          method: "POST", body, credentials: "same-origin", redirect: "manual",
          headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
        });
        const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
        mark(told.faults || []);
        if (answer.ok && told.revision) {
          field("revision").value = told.revision;
          field("base").value = told.base;
          lost = "";
          if (!dirty) forget();
          say(`Đã lưu ${told.at}`, "ok");
          offer("");
        } else {
          dirty = true;
          if (answer.status >= 500) lost = lost || key;  // a gateway's word: the deed itself may be done
          await refused(answer.status, told, second === true);
        }
      } catch {
        dirty = true;
        lost = lost || key;
        keep();
        say("Chưa lưu: mất mạng. Bạn cứ gõ tiếp, nội dung tự gửi khi có mạng.", "bad");
        later(AGAIN);
      } finally {
        clearTimeout(slow);
        running = false;
        if (dirty && answer?.ok) later(WAIT);
      }
    };

    // The fields that keep the draft from being saved, each with its sentence beside it.
    const mark = (faults) => {
      form.querySelectorAll("[data-thidua-fault]").forEach((one) => {
        const control = document.getElementById(one.dataset.thiduaFault);
        if (control) {
          control.removeAttribute("aria-invalid");
          const ids = (control.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== one.id);
          if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
          else control.removeAttribute("aria-describedby");
        }
        one.remove();
      });
      faults.forEach(([id, text]) => {
        const control = document.getElementById(id);
        const place = control?.closest(".field");
        if (!place || place.querySelector(".field-error")) return;
        const note = document.createElement("div");
        note.className = "field-error";
        note.id = `${id}_fault`;
        note.dataset.thiduaFault = id;
        note.textContent = text;
        place.append(note);
        control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") || ""} ${note.id}`.trim());
      });
    };

    const refused = async (status, told, second) => {
      keep();
      offer("");
      if (status === 409) {
        say(`Chưa lưu: ${told.message || "có người lưu trước."}`, "bad");
        offer("So hai bản", () => form.requestSubmit());
      } else if (status === 422) {
        say(`Chưa lưu: ${told.message || "còn chỗ cần sửa."}`, "bad");
      } else if (status === 401) {
        say("Chưa lưu: phiên làm việc đã hết, những gì bạn gõ vẫn còn.", "bad");
        offer("Đăng nhập ở thẻ mới", told.sign_in_url || "/");
        later(AGAIN);
      } else if (status === 403 && !told.message && !second && (await renew().catch(() => false))) {
        setTimeout(() => send(true), 0);
      } else if (status === 423 || status === 403) {
        say(`Chưa lưu: ${told.message || "bạn không sửa được trang này nữa."}`, "bad");
      } else {
        say("Chưa lưu: máy chủ đang bận, sẽ tự gửi lại.", "bad");
        later(AGAIN);
      }
    };

    form.addEventListener("input", () => {
      dirty = true;
      keep();
      later(WAIT);
    });
    form.addEventListener("change", () => {
      dirty = true;
      later(WAIT);
    });
    window.addEventListener("online", () => dirty && send());
    document.addEventListener("visibilitychange", () => dirty && send());
    window.addEventListener("beforeunload", (event) => {
      if (dirty || running) event.preventDefault();
    });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      clearTimeout(timer);
      form.querySelectorAll("[data-thidua-rows]").forEach(number);
      field("after_key").value = lost;
      field("save_key").value = uuid();
      keep();
      dirty = false;
    });

    // Something was left over from before a reload: put it back, and send it.
    const back = kept();
    const restore = () => {
      const values = new Map();
      back.fields.forEach(([name, value]) => values.set(name, value));
      form.querySelectorAll("[data-thidua-rows]").forEach((list) => {
        const total = list.querySelector("[data-thidua-rows-total]");
        const wanted = Number(values.get(total.name) || 0);
        while (Number(total.value) < wanted) addRow(list);
      });
      [...form.elements].forEach((control) => {
        if (!control.name || ["csrfmiddlewaretoken", "form_key"].includes(control.name)) return;
        if (control.type === "checkbox" || control.type === "radio") control.checked = values.get(control.name) === control.value;
        else if (values.has(control.name) && !control.name.endsWith("-total")) control.value = values.get(control.name);
      });
      form.querySelectorAll("[data-thidua-row][data-gone]").forEach((row) => {
        if (isBlank(row)) return;
        delete row.dataset.gone;
        row.hidden = false;
      });
      lost = back.lost || "";
      dirty = true;
      offer("");
      send();
    };
    if (back && !document.querySelector("[data-thidua-error-summary]")) {
      const opened = new Map(content());
      const machine = ["revision", "base", "save_key", "after_key"];
      const differs = back.fields.some(([name, value]) => !machine.includes(name) && opened.get(name) !== value);
      if (differs) {
        say("Có nội dung bạn gõ lần trước chưa lưu được.", "wait");
        offer("Đưa nội dung đó trở lại", restore);
      } else {
        forget();
      }
    }

    // One blank row a list is enough where more can be added.
    form.querySelectorAll("[data-thidua-rows]").forEach((list) => {
      rowsOf(list).filter(isBlank).slice(1).forEach((row) => {
        row.dataset.gone = "1";
        row.hidden = true;
      });
    });

    form.dataset.ready = "1";
    form.querySelectorAll(".script-only").forEach((node) => { node.hidden = false; });
  };

  const start = () => document.querySelectorAll("form[data-thidua-autosave]").forEach(watch);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
