// "Hiện mật khẩu": shown only where scripts run; the box belongs to the field named in data-thidua-show-password.
(() => {
  "use strict";
  for (const holder of document.querySelectorAll("[data-thidua-show-password]")) {
    const field = document.getElementById(holder.dataset.thiduaShowPassword);
    const box = holder.querySelector("input");
    if (!field || !box) continue;
    holder.hidden = false;
    const apply = () => { field.type = box.checked ? "text" : "password"; };
    box.addEventListener("change", apply);
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }
})();
