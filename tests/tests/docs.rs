//! The pages of `docs/` name files and functions; this test finds each of them.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "md") {
            found.push(path);
        }
    }
}

/// What stands between single backticks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2))
}

#[test]
fn files_and_functions_that_the_pages_name_are_there() {
    let root = root();
    let mut all = vec![root.join("README.md")];
    pages(&root.join("docs"), &mut all);
    let mut wrong = Vec::new();
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        let here = page.strip_prefix(&root).unwrap().display().to_string();
        for name in quoted(&text) {
            let (file, item) = name.split_once(':').unwrap_or((name, ""));
            if !file.contains("/src/")
                || std::path::Path::new(file).extension().is_none_or(|kind| kind != "rs")
                || file.contains("acme")
            {
                continue;
            }
            let Ok(source) = std::fs::read_to_string(root.join(file)) else {
                wrong.push(format!("{here}: there is no {file}"));
                continue;
            };
            let item = item.rsplit("::").next().unwrap_or_default();
            if !item.is_empty()
                && !source.contains(&format!("fn {item}("))
                && !source.contains(&format!("fn {item}<"))
            {
                wrong.push(format!("{here}: {file} has no {item}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let root = root();
    let mut all = vec![root.join("README.md")];
    pages(&root.join("docs"), &mut all);
    let mut wrong = Vec::new();
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for prose in text.split("```").step_by(2) {
            for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let target = target.split('#').next().unwrap_or_default();
                if target.is_empty() || target.contains("://") {
                    continue;
                }
                if !page.parent().unwrap().join(target).exists() {
                    wrong.push(format!("{}: {target}", page.strip_prefix(&root).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
