namespace UapiLab.Harness.Simulation;

/// <summary>The actors that have something to do, ordered by (time, actor number): an indexed binary heap.</summary>
internal sealed class ActorHeap(int actors)
{
    private readonly int[] heap = new int[actors];
    private readonly int[] position = Enumerable.Repeat(-1, actors).ToArray();
    private readonly long[] time = new long[actors];

    public int Count { get; private set; }

    public int First => heap[0];

    public long Time(int actor) => time[actor];

    /// <summary>When the second actor in order has something to do.</summary>
    public long SecondTime => Count switch
    {
        < 2 => long.MaxValue,
        2 => time[heap[1]],
        _ => Math.Min(time[heap[1]], time[heap[2]]),
    };

    public bool Contains(int actor) => position[actor] >= 0;

    /// <summary>Puts the actor in, or moves it.</summary>
    public void Set(int actor, long at)
    {
        var place = position[actor];
        if (place < 0)
        {
            place = Count++;
            heap[place] = actor;
            position[actor] = place;
        }

        time[actor] = at;
        Down(Up(place));
    }

    public void Remove(int actor)
    {
        var place = position[actor];
        if (place < 0)
        {
            return;
        }

        position[actor] = -1;
        var last = heap[--Count];
        if (last != actor)
        {
            heap[place] = last;
            position[last] = place;
            Down(Up(place));
        }
    }

    private bool Before(int a, int b) => time[a] < time[b] || (time[a] == time[b] && a < b);

    private int Up(int place)
    {
        var actor = heap[place];
        while (place > 0)
        {
            var parent = (place - 1) / 2;
            if (!Before(actor, heap[parent]))
            {
                break;
            }

            heap[place] = heap[parent];
            position[heap[place]] = place;
            place = parent;
        }

        heap[place] = actor;
        position[actor] = place;
        return place;
    }

    private void Down(int place)
    {
        var actor = heap[place];
        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && Before(heap[child + 1], heap[child]))
            {
                child++;
            }

            if (!Before(heap[child], actor))
            {
                break;
            }

            heap[place] = heap[child];
            position[heap[place]] = place;
            place = child;
        }

        heap[place] = actor;
        position[actor] = place;
    }
}
