//! Commands as the pages in docs/ have them, carried out: what people copy is what is tested.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::deployment::Deployment;

/// Runs the first commands below `heading` of docs/`page`, in `folder`, with `replaced` words in place of the page's. They know
/// the system's servers by the variables the pages use.
pub(crate) fn follow(system: &Deployment, page: &str, heading: &str, replaced: &[(&str, &str)], folder: &Path) {
    let mut commands = commands(page, heading);
    for (word, other) in replaced {
        assert!(commands.contains(word), "docs/{page}, {heading}: there is no {word} in\n{commands}");
        commands = commands.replace(word, other);
    }
    let postgres = system.servers().database_url();
    let mut shell = Command::new("sh");
    shell.args(["-euc", &commands]).current_dir(folder).stdin(Stdio::null());
    shell.env("MAINTENANCE_URL", postgres.replace("/upguard", "/postgres")).env("POSTGRES_URL", postgres);
    shell.env("REDIS_URL", system.servers().redis().url());
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("ERR "), "docs/{page}, {heading}:\n{commands}\n{said}");
}

/// The top of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn commands(page: &str, heading: &str) -> String {
    let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let section = text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with("##"));
    let block = section.map(str::trim).skip_while(|line| *line != "```sh").skip(1);
    let commands: Vec<_> = block.take_while(|line| *line != "```").collect();
    assert!(!commands.is_empty(), "docs/{page} has no commands below {heading}");
    commands.join("\n")
}
