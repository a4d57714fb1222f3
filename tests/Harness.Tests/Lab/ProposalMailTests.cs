using UapiLab.Encodings;
using UapiLab.Harness.Lab;
using UapiLab.Harness.Lab.Proposals;
using UapiLab.Harness.Registry;
using UapiLab.Harness.Tests.Uapi;
using UapiLab.Harness.Uapi;
using UapiLab.Harness.Uapi.Patch;
using UapiLab.Tests;

namespace UapiLab.Harness.Tests.Lab;

/// <summary>Proposals as mails.</summary>
public sealed class ProposalMailTests
{
    private static readonly string s_root = GeneratedDoc.Root();

    public static IEnumerable<TheoryDataRow<string>> Folders =>
        ProposalFiles.ReadAll(Path.Combine(s_root, "proposals"), Catalog)
            .Select(p => new TheoryDataRow<string>(p.Folder));

    /// <summary>git takes the patches out of the mails, one after the other, and the text of a mail is no wider than 72
    /// columns.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Mails_are_text_of_72_columns_and_patches_that_apply(string folder)
    {
        var mails = Mails(folder);
        Assert.Equal(3, mails.Count);
        using var tool = new Toolchain();
        var tree = Tree;
        foreach (var (name, mail) in mails)
        {
            var text = mail.Split("\n---\n")[0].Split('\n');
            Assert.All(text.Skip(2), line => Assert.InRange(line.Length, 0, 72));
            Assert.DoesNotContain("Signed-off-by", mail, StringComparison.Ordinal);
            if (name != "0000-cover-letter.patch")
            {
                Assert.Null(tool.Apply(tree, mail));
                tree = tree.Keys.ToDictionary(f => f, tool.Read);
            }
        }

        Assert.Equal("", new KernelPatch(Model(folder), path => tree[path]).Header);
    }

    [Fact]
    public void A_cover_letter_has_the_problem_the_answer_and_what_was_measured()
    {
        var cover = Mails("0003-async-hint")[0].Value;
        Assert.StartsWith("From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
            + "Subject: [RFC PATCH 0/2] KVM: Ask before injecting", cover, StringComparison.Ordinal);
        Assert.Contains("\nProblem\n=======\n", cover, StringComparison.Ordinal);
        Assert.Contains("\n- capability: per vCPU", cover, StringComparison.Ordinal);
        Assert.Contains("\n  nothing-needless           notPresentInjected 0 in a run of async-hint\n", cover,
            StringComparison.Ordinal);
        Assert.Contains("(holds; lost-wakeup", cover, StringComparison.Ordinal);
        Assert.DoesNotContain("\nChanges\n", cover, StringComparison.Ordinal);
        Assert.Contains("\nChanges\n=======\n- The offer", Mails("0003-async-hint",
            text => text + "\n## Changes\n- The offer\n  is new.\n")[0].Value, StringComparison.Ordinal);
    }

    private static LabCatalog Catalog => new(new EncodingRegistry(BuiltInEncodings.All));

    private static UapiModel Model(string folder) =>
        UapiModel.Of(Catalog.Encodings.Resolve(Find(folder).Encoding.Name));

    private static Proposal Find(string folder) =>
        ProposalFiles.ReadAll(Path.Combine(s_root, "proposals"), Catalog).Single(p => p.Folder == folder);

    private static Dictionary<string, string> Tree => new[]
    {
        "include/uapi/linux/kvm.h", "Documentation/virt/kvm/api.rst",
    }.ToDictionary(f => f, f => File.ReadAllText(Path.Combine(s_root, "tests/data/kernel-tree", f)));

    private static IReadOnlyList<KeyValuePair<string, string>> Mails(string folder, Func<string, string>? change = null)
    {
        string Read(string file) => File.ReadAllText(Path.Combine(s_root, "proposals", folder, file));
        return ProposalMail.Write(Find(folder), (change ?? (text => text))(Read("README.md")),
            Read("evidence/claims.txt"), new KernelPatch(Model(folder), path => Tree[path]));
    }
}
