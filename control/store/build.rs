//! Migrations are embedded: what is new among them must rebuild the crate.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
