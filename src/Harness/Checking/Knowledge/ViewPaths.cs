namespace UapiLab.Harness.Checking.Knowledge;

/// <summary>Shortest runs in a graph of views.</summary>
internal static class ViewPaths
{
    /// <summary>The shortest run that shows a party exactly this and ends, with the last thing shown, in a
    /// state.</summary>
    public static IReadOnlyList<ViewEdge> Showing(ViewGraph graph, Observer observer, IReadOnlyList<int> views,
        int target, out int initial)
    {
        var found = Shortest(graph.Initial.Select(node => (node, 0)), at => at == (target, views.Count),
            at => graph.From(at.Node)
            .Where(edge => edge.Seen(observer) == 0 ? at.Place < views.Count : at.Place < views.Count
                && edge.Seen(observer) == views[at.Place])
            .Select(edge => (edge, (edge.Target, edge.Seen(observer) == 0 ? at.Place : at.Place + 1))));
        initial = graph.Initial.IndexOf(found!.Value.Start.Node);
        return found.Value.Path;
    }

    /// <summary>The shortest run from a state to one that is wanted; null if there is none.</summary>
    public static IReadOnlyList<ViewEdge>? To(ViewGraph graph, int from, Func<int, bool> isWanted, Func<ViewEdge,
        bool> mayTake) =>
        Shortest([(from, 0)], at => isWanted(at.Node), at => graph.From(at.Node).Where(mayTake)
            .Select(edge => (edge, (edge.Target, 0))))?.Path;

    private static ((int Node, int Place) Start,
        IReadOnlyList<ViewEdge> Path)? Shortest(IEnumerable<(int Node, int Place)> starts,
        Func<(int Node, int Place), bool> isWanted, Func<(int Node, int Place),
            IEnumerable<(ViewEdge Edge, (int Node, int Place) Next)>> next)
    {
        var from = new Dictionary<(int, int), ((int, int) Parent, ViewEdge? Edge)>();
        var pending = new Queue<(int, int)>();
        foreach (var start in starts)
        {
            from[start] = (start, null);
            pending.Enqueue(start);
        }

        while (pending.TryDequeue(out var at))
        {
            if (isWanted(at))
            {
                var path = new List<ViewEdge>();
                while (from[at].Edge is { } edge)
                {
                    path.Add(edge);
                    at = from[at].Parent;
                }

                path.Reverse();
                return (at, path);
            }

            foreach (var (edge, to) in next(at))
            {
                if (from.TryAdd(to, (at, edge)))
                {
                    pending.Enqueue(to);
                }
            }
        }

        return null;
    }
}
