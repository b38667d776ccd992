// The theme that was chosen, or the system's. Kept apart from the app because it must run before the first paint,
// and in a file because the page's policy allows no inline script.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("turumba.theme");
  } catch (e) {
    // storage may be forbidden; the system's theme it is
  }
  var dark = chosen ? chosen === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
