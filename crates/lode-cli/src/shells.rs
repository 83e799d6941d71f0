//! What shells and `man` want to know of the command line, made from the arguments themselves.

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell as For;

use crate::args::{Args, CompletionsArgs, ManArgs, ShellArg};
use crate::commands::write;
use crate::input::quoted;
use crate::{Exit, Shell};

/// Prints completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    let kind = match args.shell {
        ShellArg::Bash => For::Bash,
        ShellArg::Zsh => For::Zsh,
        ShellArg::Fish => For::Fish,
        ShellArg::Powershell => For::PowerShell,
        ShellArg::Elvish => For::Elvish,
    };
    clap_complete::generate(kind, &mut Args::command(), "lode", &mut script);
    write(&String::from_utf8(script).context("a script of text")?, None, shell)?;
    Ok(Exit::Made)
}

/// Prints the page of `lode`, or writes the pages of all commands.
pub(crate) fn man(args: &ManArgs, shell: &mut Shell<'_>) -> anyhow::Result<Exit> {
    let pages = pages()?;
    let Some(folder) = &args.output else {
        let page = pages.first().map(|(_, page)| page.as_str()).unwrap_or_default();
        write(page, None, shell)?;
        return Ok(Exit::Made);
    };
    // `man` looks for pages in a folder of their section.
    let section = if folder.ends_with("man1") { folder.clone() } else { folder.join("man1") };
    let folder = section.as_path();
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, page) in &pages {
        write(page, Some(&folder.join(name)), shell)?;
    }
    let first = quoted(&folder.join("lode.1").display().to_string());
    shell.note(&format!("wrote {} pages to {}; next: man {first}", pages.len(), folder.display()));
    Ok(Exit::Made)
}

/// Every page by file name: `lode.1` first, then one for each command, such as `lode-whatif-caching.1`.
fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let mut root = Args::command().disable_help_subcommand(true);
    // Gives every command its full name.
    root.build();
    let mut pages = Vec::new();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        let mut below: Vec<Command> = command.get_subcommands().filter(|below| !below.is_hide_set()).cloned().collect();
        below.reverse();
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).context("a page")?;
        // What comes after the help are examples, for the most part.
        let page = String::from_utf8(page).context("a page of text")?.replace(".SH EXTRA", ".SH EXAMPLES");
        pages.push((format!("{name}.1"), page));
        open.extend(below);
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of all commands, with those above: `lode-report`.
    fn names(command: &Command, above: &str) -> Vec<String> {
        let name = format!("{above}{}", command.get_name());
        let below = command.get_subcommands().flat_map(|below| names(below, &format!("{name}-"))).collect();
        [vec![name], below].concat()
    }

    #[test]
    fn every_command_has_a_page() {
        let pages = pages().expect("pages");
        let files: Vec<String> = pages.iter().map(|(file, _)| file.clone()).collect();
        let wanted: Vec<String> = names(&Args::command(), "").iter().map(|name| format!("{name}.1")).collect();
        assert_eq!(files, wanted);
        assert!(files.contains(&"lode-whatif-caching.1".to_owned()), "{files:?}");
        for (file, page) in &pages {
            assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{file}");
        }
        let report = pages.iter().find(|(file, _)| file == "lode-report.1").map(|(_, page)| page).expect("there");
        assert!(
            report.contains("\\-\\-as\\-of") && report.contains(".SH EXAMPLES") && !report.contains("EXTRA"),
            "flags and examples: {report}"
        );
    }

    #[test]
    fn completions_of_every_shell_name_every_command() {
        let commands: Vec<String> = Args::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
        assert!(commands.len() >= 10, "{commands:?}");
        // What offers a command, not any word that has its letters.
        let offers = [
            (For::Bash, "lode,COMMAND)\n"),
            (For::Zsh, "(COMMAND)\n"),
            (For::Fish, " -a \"COMMAND\" "),
            (For::PowerShell, "::new('COMMAND', 'COMMAND', "),
            (For::Elvish, "cand COMMAND '"),
        ];
        for (shell, offer) in offers {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "lode", &mut script);
            let script = String::from_utf8(script).expect("text");
            for command in &commands {
                let offer = offer.replace("COMMAND", command);
                assert!(script.contains(&offer), "{shell}: {offer} is not in\n{script}");
            }
        }
    }
}
