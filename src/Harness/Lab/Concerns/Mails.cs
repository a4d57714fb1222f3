namespace UapiLab.Harness.Lab.Concerns;

/// <summary>Mails of the thread that raise the concerns: author, date, Message-ID. What each says, word for word, is in
/// docs/quotations.md.</summary>
internal static class Mails
{
    public const string CoverLetter = "Nikita Kalyazin, 18 Nov 2024, 20241118123948.4796-1-kalyazin@amazon.com";
    public const string Supportive = "Sean Christopherson, 11 Feb 2025, Z6u-WdbiW3n7iTjp@google.com";
    public const string Conundrum = "Sean Christopherson, 19 Feb 2025, Z7X2EKzgp_iN190P@google.com";
    public const string BackToBack = "Sean Christopherson, 20 Feb 2025, Z7d5HT7FpE-ZsHQ9@google.com";
    public const string Likely = "Nikita Kalyazin, 21 Feb 2025, f820b630-13c1-4164-baa8-f5e8231612d1@amazon.com";
    public const string QuitePossible = "Sean Christopherson, 26 Feb 2025, Z75nRwSBxpeMwbsR@google.com";
    public const string MatterOfCost = "Sean Christopherson, 27 Feb 2025, Z8CWUiAYVvNKqzfK@google.com";
    public const string TwoBits = "Nikita Kalyazin, 27 Feb 2025, 7f2b25c9-c92b-4b0a-bfd9-dda8b0b7a244@amazon.com";
}
