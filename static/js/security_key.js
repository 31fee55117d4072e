// Security keys: hands the library's functions the ids of the page's parts, named in data attributes.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  for (const part of document.querySelectorAll("[data-thidua-security-key]")) {
    const { thiduaSecurityKey, button, credential, passwordless } = part.dataset;
    const ids = { credential, data: "js_data" };
    ids[thiduaSecurityKey === "addForm" ? "add" : "authenticate"] = button;
    if (passwordless) ids.passwordless = passwordless;
    window.allauth.webauthn.forms[thiduaSecurityKey]({ ids });
  }
});
