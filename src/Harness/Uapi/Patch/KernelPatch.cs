namespace UapiLab.Harness.Uapi.Patch;

/// <summary>What an encoding would change in a kernel tree, as unified diffs that git applies.</summary>
public sealed class KernelPatch
{
    private readonly PatchedFile _header;
    private readonly PatchedFile _document;

    /// <param name="model">What is brought in.</param>
    /// <param name="read">A file of the tree, by its path there.</param>
    /// <param name="tree">Where the tree is, for messages.</param>
    /// <exception cref="Foundation.InputException">The tree is not as the patch needs it.</exception>
    public KernelPatch(UapiModel model, Func<string, string> read, string tree = "")
    {
        _header = new(HeaderPatch.Path, read(HeaderPatch.Path), tree);
        _document = new(ApiRstPatch.Path, read(ApiRstPatch.Path), tree);
        var numbers = new TreeNumbers(_header);
        HeaderPatch.Apply(_header, model, numbers);
        ApiRstPatch.Apply(_document, model, numbers);
    }

    /// <summary>Of include/uapi/linux/kvm.h; empty if it has all of it.</summary>
    public string Header => _header.Diff();

    /// <summary>Of Documentation/virt/kvm/api.rst; empty if it has all of it.</summary>
    public string Document => _document.Diff();
}
