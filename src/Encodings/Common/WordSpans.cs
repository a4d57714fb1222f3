namespace UapiLab.Encodings;

/// <summary>A range of frames in terms of words: at most one shared word at each end, whole words between them.
/// A mask of 0 means that there is no shared word at that end.</summary>
/// <param name="HeadWord">Word in which the range begins, if it does not begin at the word's first frame.</param>
/// <param name="HeadMask">The range's bits of that word.</param>
/// <param name="FirstWhole">First word that belongs to the range alone.</param>
/// <param name="WholeCount">How many such words there are.</param>
/// <param name="TailWord">Word in which the range ends, if it does not end with the word's last frame.</param>
/// <param name="TailMask">The range's bits of that word.</param>
internal readonly record struct WordSpans(
    ulong HeadWord, ulong HeadMask, ulong FirstWhole, ulong WholeCount, ulong TailWord, ulong TailMask);
