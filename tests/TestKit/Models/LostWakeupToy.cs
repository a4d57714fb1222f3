using UapiLab.Harness.Checking;

namespace UapiLab.TestKit.Models;

/// <summary>bench/spin/lost-wakeup.pml: the VMM clears the kick flag after its scan, so a vCPU can sleep for
/// ever.</summary>
internal sealed class LostWakeupToy : IModel
{
    public string Name => "lost-wakeup";

    public IReadOnlyList<PropertySpec> Properties => PromelaWorker.Properties;

    public IModelWorker CreateWorker() => new Worker();

    // A vCPU's page is its own number and never changes, so it is no part of the state.
    private sealed class Worker() : PromelaWorker([Start, Start, Start, .. new byte[7]], [[], [], [I]])
    {
        private const int Vcpus = 2, Pages = 2;
        private const byte I = 3, Kick = 4, Done = 5, Pend = 6, Present = 8;
        private const byte Start = 2;

        // Locations of a vCPU.
        private const byte Hit = 3, Announce = 4, Notify = 5, Sleep = 6, Finish = 7;

        // Locations of the VMM.
        private const byte StartScan = 3, Scan = 4, Look = 5, ClearPend = 6, Resolve = 7, NextPage = 8, ClearKick = 9;

        protected override void Statement(int process, byte location)
        {
            if (process < Vcpus)
            {
                Vcpu(process, location);
            }
            else
            {
                Manager(process, location);
            }
        }

        private void Vcpu(int self, byte location)
        {
            switch (location)
            {
                case Start:
                    Pass(self, Value(Present + self) != 0 ? Hit : Announce, isLocal: false);
                    break;
                case Hit:
                    Pass(self, Finish, isLocal: true);
                    break;
                case Announce:
                    Assign(self, Notify, Pend + self, 1);
                    break;
                case Notify:
                    Assign(self, Sleep, Kick, 1);
                    break;
                case Sleep when Value(Present + self) != 0:
                    Pass(self, Finish, isLocal: false);
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
                case Start:
                    if (Value(Kick) != 0)
                    {
                        Pass(self, StartScan, isLocal: false);
                    }

                    if (Value(Done) == Vcpus)
                    {
                        Pass(self, AtEnd, isLocal: false);
                    }

                    break;
                case StartScan:
                    Assign(self, Scan, I, 0, isLocal: true);
                    break;
                case Scan:
                    Pass(self, page < Pages ? Look : ClearKick, isLocal: true);
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
                case ClearKick: // too late: who announced since the scan is forgotten
                    Assign(self, Start, Kick, 0);
                    break;
            }
        }
    }
}
