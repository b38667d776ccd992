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

/// Variables of the compose file alone: what it is built and reached by.
const OF_COMPOSE: &[&str] = &["TURUMBA_HOST", "TURUMBA_PROXY_NETWORK", "TURUMBA_VERSION"];

#[test]
fn variables_that_deployments_set_are_settings() {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path, found) } else { found.push(path) }
        }
    }
    let root = root();
    let mut all = vec![root.join("docs/deploy.md")];
    files(&root.join("deploy"), &mut all);
    let known: Vec<String> = hub::config::catalogue().into_values().map(|shown| shown.env).collect();
    let mut seen = 0;
    for file in all {
        let text = std::fs::read_to_string(&file).unwrap();
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        for word in words.filter(|word| word.starts_with("TURUMBA_") && word.len() > 8) {
            seen += 1;
            let is_known = known.iter().any(|name| name == word) || OF_COMPOSE.contains(&word);
            assert!(is_known, "{}: {word} is no setting", file.display());
        }
    }
    assert!(seen > 10, "the files are there");
}

/// The number behind a word.
fn number(text: &str, word: &str) -> u32 {
    let (_, rest) = text.split_once(word).unwrap_or_else(|| panic!("{word} is not there"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn the_deployment_fits_together() {
    let read = |name: &str| std::fs::read_to_string(root().join("deploy").join(name)).unwrap();
    let programs = number(&read("Dockerfile"), "postgresql-");
    let server = number(&read("compose.yaml"), "image: postgres:");
    assert!(programs >= server, "PostgreSQL {programs} cannot back a server of {server} up");
    let proxy = number(&read("proxy/nginx.conf"), "client_max_body_size ");
    let hub = std::fs::read_to_string(root().join("webhooks/src/door.rs")).unwrap();
    let mail = number(&hub, "MAIL_MAX: usize = ");
    assert!(proxy >= mail, "the proxy takes {proxy} MiB, and a mail may have {mail}");
}

/// systemd itself reads the unit, with the hub of this build in the place of the installed one.
#[test]
fn the_unit_is_one_that_systemd_takes() {
    use std::{io::ErrorKind, process::Command};
    let unit = std::fs::read_to_string(root().join("deploy/systemd/turumba.service")).unwrap();
    let installed = "/usr/local/bin/turumba";
    assert!(unit.contains(&format!("ExecStart={installed} serve\n")), "{unit}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("turumba.service");
    let hub = tests::harness::hub::binary();
    std::fs::write(&path, unit.replace(installed, hub.to_str().unwrap())).unwrap();
    let verified = match Command::new("systemd-analyze").arg("verify").arg(&path).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("skipped: this machine has no systemd");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    // what it does not know it names, and goes on
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && said.trim().is_empty(), "{said}");
}
