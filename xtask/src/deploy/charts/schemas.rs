//! Rendered objects against the schemas of Kubernetes, strictly, and those of operators against theirs. Two validators, since the
//! one of Kubernetes lets kinds pass that it does not know; so it is asked which it knows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use testbed::python;

use super::cases::Rendered;
use super::helm::output;
use super::yaml::title;
use crate::node::Node;

const VALIDATOR: &str = "kubernetes-validate==1.37.0";
/// Reads `[[version, object], …]`; prints a list of what is wrong with each: null where nothing is, `unknown` for a foreign kind.
const OF_KUBERNETES: &str = include_str!("schemas.py");
/// The same for `[object, …]`.
const OF_OPERATORS: &str = include_str!("schemas.mjs");
const MODELS: &str = r#"{"name": "operators", "private": true, "type": "module", "dependencies":
    {"@kubernetes-models/prometheus-operator": "6.0.0", "@kubernetes-models/keda": "2.0.0"}}"#;

/// All objects of all cases, each once.
pub(super) fn check(rendered: &[Rendered]) -> Result<()> {
    let mut asked: Vec<(String, Value)> = Vec::new();
    for one in rendered {
        for object in &one.objects {
            let question = json!([one.kubernetes, object]);
            if !asked.iter().any(|(_, other)| *other == question) {
                asked.push((
                    format!("{}, {}, Kubernetes {}", one.case.title(), title(object), one.kubernetes),
                    question,
                ));
            }
        }
    }
    asked.extend(broken());
    let answers = of_kubernetes(&asked.iter().map(|(_, question)| question).collect::<Vec<_>>())?;
    let mut faults = Vec::new();
    let mut foreign = Vec::new();
    for ((about, question), answer) in asked.into_iter().zip(answers) {
        match answer.as_deref() {
            None => faults.push((about, None)),
            Some("unknown") => foreign.push((about, question[1].clone())),
            Some(why) => faults.push((about, Some(why.to_owned()))),
        }
    }
    let answers = of_operators(&foreign.iter().map(|(_, object)| object).collect::<Vec<_>>())?;
    faults.extend(foreign.into_iter().map(|(about, _)| about).zip(answers));
    judge(faults)
}

/// Only what is broken on purpose may have faults, and all of that must.
fn judge(answers: Vec<(String, Option<String>)>) -> Result<()> {
    let wrong = answers.into_iter().filter_map(|(about, fault)| match (about.starts_with("on purpose"), fault) {
        (true, None) => Some(format!("{about} passes: the validator looks at nothing")),
        (false, Some(fault)) => Some(format!("{about}: {fault}")),
        _ => None,
    });
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
}

/// Objects the validators have to refuse.
fn broken() -> Vec<(String, Value)> {
    let monitor = |spec: Value| {
        json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor",
        "metadata": {"name": "a"}, "spec": spec})
    };
    let objects = [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": "http"}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"prots": []}}),
        json!({"apiVersion": "example.org/v1", "kind": "Nonsense", "metadata": {"name": "a"}}),
        monitor(json!({"endpoints": [{"port": "admin"}]})),
        monitor(json!({"selector": {}, "endpoints": [{"port": "admin", "interval": "fast"}]})),
        json!({"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "a"},
            "spec": {"scaleTargetRef": {"name": "d"}}}),
    ];
    let about = |object: Value| (format!("on purpose, {}", title(&object)), json!(["1.37", object]));
    objects.into_iter().map(about).collect()
}

fn of_kubernetes(questions: &[&Value]) -> Result<Vec<Option<String>>> {
    let mut python = python::with_packages(&[VALIDATOR])?;
    python.args(["-c", OF_KUBERNETES]);
    answers(&mut python, &json!(questions))
}

fn of_operators(objects: &[&Value]) -> Result<Vec<Option<String>>> {
    let node = Node::ensure()?;
    let folder = models(&node)?;
    let script = folder.join("schemas.mjs");
    fs::write(&script, OF_OPERATORS)?;
    answers(&mut node.script(&script), &json!(objects))
}

/// The folder with the operators' schemas, as npm installs them.
fn models(node: &Node) -> Result<PathBuf> {
    let folder = testbed::target_dir().join("operators");
    let package = folder.join("package.json");
    let is_there =
        folder.join("node_modules").is_dir() && fs::read_to_string(&package).is_ok_and(|text| text == MODELS);
    if !is_there {
        fs::create_dir_all(&folder)?;
        fs::write(&package, MODELS)?;
        let mut npm = node.npm(&["install", "--silent", "--no-package-lock"]);
        // Without the dashboard's own settings, which refuse packages that ask for another Node.js than is there.
        let status =
            npm.current_dir(&folder).env("NPM_CONFIG_ENGINE_STRICT", "false").status().context("cannot run npm")?;
        if !status.success() {
            let _ = fs::remove_file(&package);
            bail!("npm cannot install the schemas of operators");
        }
    }
    Ok(folder)
}

/// One answer for each question, which go through a file.
fn answers(program: &mut Command, questions: &Value) -> Result<Vec<Option<String>>> {
    let file: &Path = &testbed::target_dir().join("kube-tools/questions.json");
    fs::write(file, questions.to_string())?;
    let answers: Vec<Option<String>> = serde_json::from_str(&output(program.arg(file))?)?;
    ensure!(Some(answers.len()) == questions.as_array().map(Vec::len), "answers are missing");
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_fault_and_a_validator_that_sees_none_are_told() {
        let fault = || Some("bad".to_owned());
        assert!(judge(vec![("a".into(), None), ("on purpose, b".into(), fault())]).is_ok());
        assert!(judge(vec![("a".into(), fault())]).is_err());
        assert!(judge(vec![("on purpose, b".into(), None)]).is_err());
    }
}
