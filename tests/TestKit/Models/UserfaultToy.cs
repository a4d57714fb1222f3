using UapiLab.Harness.Checking;

namespace UapiLab.TestKit.Models;

/// <summary>bench/spin/userfault.pml: vCPUs fault on three pages, a VMM scans and resolves, a thread punches
/// holes.</summary>
/// <param name="vcpus">K of the source, up to 3. One that is missing has ended from the start.</param>
internal sealed class UserfaultToy(int vcpus = UserfaultToy.MostVcpus) : IModel
{
    private const int MostVcpus = 3;

    public string Name => "userfault";

    public IReadOnlyList<PropertySpec> Properties => PromelaWorker.Properties;

    public IModelWorker CreateWorker() => new Worker(vcpus);

    private sealed class Worker(int vcpus) : PromelaWorker(
        [.. Enumerable.Range(0, MostVcpus).Select(v => v < vcpus ? Loop : Ended), Loop, Loop, .. new byte[19]],
            [[P, R], [P + 1, R + 1], [P + 2, R + 2], [I], [J]])
    {
        private const int Pages = 3, Rounds = 1, Vmm = MostVcpus;
        private const byte P = 5, R = 8, I = 11, J = 12, Done = 13, Kick = 14, Waiting = 15, Pend = 18, Present = 21;
        private const byte Loop = 2;

        // Locations of a vCPU; Loop and AtEnd are everybody's.
        private const byte Choose = 3, Touch = 4, Announce = 5, Count = 6, Notify = 7, Sleep = 8, Discount = 9,
            NextRound = 10, Finish = 11, Hit = 12;

        // Locations of the VMM.
        private const byte ClearKick = 3, StartScan = 4, Scan = 5, Look = 6, ClearPend = 7, Resolve = 8, NextPage = 9;

        // Locations of the thread that punches: a hole of page n is made at Punch + n.
        private const byte Pick = 3, NextHole = 4, Punch = 5;

        protected override void Statement(int process, byte location)
        {
            if (process < MostVcpus)
            {
                Vcpu(process, location);
            }
            else if (process == Vmm)
            {
                Manager(process, location);
            }
            else
            {
                Puncher(process, location);
            }
        }

        private void Vcpu(int self, byte location)
        {
            int page = Value(P + self);
            switch (location)
            {
                case Loop:
                    Pass(self, Value(R + self) < Rounds ? Choose : Finish, isLocal: true);
                    break;
                case Choose:
                    for (var choice = 0; choice < Pages; choice++)
                    {
                        Assign(self, Touch, P + self, choice, isLocal: true);
                    }

                    break;
                // SPIN forgets the page here: on this branch nobody reads it again
                case Touch when Value(Present + page) != 0:
                    Assign(self, Hit, P + self, 0);
                    break;
                case Hit: // and merges the skip with the next round's count
                    Assign(self, Loop, R + self, Value(R + self) + 1, isLocal: true);
                    break;
                case Touch: // the else-branch reads a shared variable too, so it is not local
                    Pass(self, Announce, isLocal: false);
                    break;
                case Announce:
                    Assign(self, Count, Pend + page, 1);
                    break;
                case Count:
                    Assign(self, Notify, Waiting + page, Value(Waiting + page) + 1);
                    break;
                case Notify:
                    Assign(self, Sleep, Kick, 1);
                    break;
                case Sleep when Value(Present + page) != 0:
                    Pass(self, Discount, isLocal: false);
                    break;
                case Discount:
                    Assign(self, NextRound, Waiting + page, Value(Waiting + page) - 1);
                    break;
                case NextRound:
                    Assign(self, Loop, R + self, Value(R + self) + 1, isLocal: true);
                    break;
                case Finish:
                    Assign(self, AtEnd, Done, Value(Done) + 1);
                    break;
            }
        }

        private void Manager(int self, byte location)
        {
            int page = Value(I);
            switch (location)
            {
                case Loop:
                    if (Value(Kick) != 0)
                    {
                        Pass(self, ClearKick, isLocal: false);
                    }

                    if (Value(Done) == vcpus)
                    {
                        Pass(self, AtEnd, isLocal: false);
                    }

                    break;
                case ClearKick:
                    Assign(self, StartScan, Kick, 0);
                    break;
                case StartScan:
                    Assign(self, Scan, I, 0, isLocal: true);
                    break;
                case Scan:
                    Pass(self, page < Pages ? Look : Loop, isLocal: true);
                    break;
                case Look:
                    Pass(self, Value(Pend + page) != 0 ? ClearPend : NextPage, isLocal: false);
                    break;
                case ClearPend:
                    Assign(self, Resolve, Pend + page, 0);
                    break;
                case Resolve:
                    Assign(self, NextPage, Present + page, 1);
                    break;
                case NextPage:
                    Assign(self, Scan, I, page + 1, isLocal: true);
                    break;
            }
        }

        private void Puncher(int self, byte location)
        {
            switch (location)
            {
                case Loop:
                    Pass(self, Value(J) < Rounds ? Pick : AtEnd, isLocal: true);
                    break;
                case Pick:
                    for (var page = 0; page < Pages; page++)
                    {
                        if (Value(Present + page) != 0)
                        {
                            Pass(self, (byte)(Punch + page), isLocal: false);
                        }
                    }

                    if (Value(Done) == vcpus)
                    {
                        Pass(self, AtEnd, isLocal: false);
                    }

                    break;
                case NextHole:
                    Assign(self, Loop, J, Value(J) + 1, isLocal: true);
                    break;
                default:
                    Assign(self, NextHole, Present + location - Punch, 0);
                    break;
            }
        }
    }
}
