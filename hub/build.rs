//! The web apps are part of the binary when they have been built (`make ui`), and a build without them works:
//! their folders are made, so that what appears in them later is noticed.

fn main() {
    for folder in ["../inbox/web/dist", "../widget/dist"] {
        if let Err(error) = std::fs::create_dir_all(folder) {
            println!("cargo::warning={folder} cannot be made: {error}");
        }
        println!("cargo::rerun-if-changed={folder}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
