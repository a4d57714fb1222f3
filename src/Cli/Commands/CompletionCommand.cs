
namespace UapiLab.Cli.Commands;

/// <summary><c>completion</c>: a script for a shell. It asks the program itself, by the <c>[suggest]</c> directive, so
/// it never goes stale.</summary>
internal sealed class CompletionCommand : ExampleCommand
{
    private const string Bash = """
        # uapilab completion for bash
        _uapilab() {
            local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT}
            local word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=( $(compgen -W "$(uapilab "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word") )
        }
        complete -o default -F _uapilab uapilab
        """;

    private const string Zsh = """
        #compdef uapilab
        # uapilab completion for zsh
        _uapilab() {
            local line="${words[1,CURRENT]}"
            local -a reply
            reply=( "${(@f)$(uapilab "[suggest:${#line}]" "$line" 2>/dev/null)}" )
            compadd -a reply || _files
        }
        compdef _uapilab uapilab
        """;

    private const string Fish = """
        # uapilab completion for fish
        function __uapilab_suggest
            set -l line (commandline -cp)
            uapilab "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c uapilab -a '(__uapilab_suggest)'
        """;

    public CompletionCommand(Terminal terminal)
        : base(
            "completion",
            "Prints a completion script for a shell.",
            "completion bash > /etc/bash_completion.d/uapilab",
            "completion fish > ~/.config/fish/completions/uapilab.fish") =>
        Runs(
            args => args.Word("shell", "bash, zsh or fish.", "bash", "zsh", "fish"),
            (shell, _) =>
            {
                terminal.Out.Write((shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }) + "\n");
                return ExitCode.Fine;
            });
}
