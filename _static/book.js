// What the theme leaves for accessibility: a landmark round the sidebar, roles that are current, names that match labels.
document.addEventListener("DOMContentLoaded", () => {
  for (const bar of document.querySelectorAll(".bd-sidebar-primary")) {
    bar.setAttribute("role", "complementary");
    bar.setAttribute("aria-label", "Book");
  }
  for (const entry of document.querySelectorAll('[role="doc-biblioentry"]')) entry.setAttribute("role", "listitem");
});
