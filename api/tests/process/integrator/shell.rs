//! A shell that runs commands one after another, as somebody would type them.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::support::PATIENCE;

/// What no command prints.
const END: &str = "-- the command ended with";

/// A shell in a process group of its own, which ends with it: what it left running in the background too.
pub(super) struct Shell {
    child: Child,
    input: ChildStdin,
    printed: Receiver<String>,
}

impl Shell {
    /// Starts one in a directory, which is its home. `repertoire` is the program under test.
    pub(super) fn start(home: &Path, environment: &[(&str, String)]) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_repertoire"));
        let mut path = vec![program.parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let mut command = Command::new("bash");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REPERTOIRE_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(["--noprofile", "--norc"])
            .current_dir(home)
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("HOME", home)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, printed) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take().unwrap();
        Self {
            child,
            input,
            printed,
        }
    }

    /// Runs a command; answers its exit status and the lines that it printed.
    pub(super) fn run(&mut self, command: &str) -> (i32, Vec<String>) {
        // Its input is empty, for the shell reads the next commands from its own.
        writeln!(
            self.input,
            "{{ {command}\n}} </dev/null 2>&1\nprintf '\\n{END} %s\\n' $?"
        )
        .unwrap();
        let mut lines: Vec<String> = Vec::new();
        loop {
            let Ok(line) = self.printed.recv_timeout(PATIENCE) else {
                panic!("{command}\ndid not end; it printed\n{}", lines.join("\n"));
            };
            if let Some(status) = line.strip_prefix(END) {
                // The line break before it is ours where the command's own output ended with one.
                if lines.last().is_some_and(String::is_empty) {
                    lines.pop();
                }
                return (status.trim().parse().unwrap(), lines);
            }
            lines.push(line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        kill_group(self.child.id());
        let _ = self.child.wait();
    }
}

/// Kills all processes of a group.
pub(super) fn kill_group(group: u32) {
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{group}")])
        .stderr(Stdio::null())
        .status();
}
