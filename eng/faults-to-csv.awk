# Turns page faults that a tracer has printed into accesses for `uapilab compare --trace` (docs/model-my-guest.md):
#
#   awk -f eng/faults-to-csv.awk host.trace > guest.csv
#
# kvm_page_fault (ftrace, trace-cmd report, perf script): the time is what the vCPU ran, from each kvm_entry to its
# kvm_exit, the gfn is the guest's, and the fetch lasts from the fault to kvm_async_pf_completed of its page.
# page_fault_user and page_fault_kernel (the same, or `perf trace -e exceptions:page_fault_user`): the time is the
# tracer's, a thread is a vCPU, and the gfn is a page of virtual addresses.

function word(key,    at, rest) {
    at = index(text, key)
    if (!at)
        return ""
    rest = substr(text, at + length(key))
    sub(/^[ =:]+/, "", rest)
    sub(/[ ,)].*/, "", rest)
    return rest
}

function page(address) {
    sub(/^0x/, "", address)
    address = "000" address
    return "0x" substr(address, 1, length(address) - 3)
}

# Error codes are hexadecimal but in the lines of perf trace; bit 1 is set for a write.
function writes(code) {
    return isPerfTrace ? code % 4 >= 2 : index("2367abef", tolower(substr(code, length(code)))) > 0
}

function vcpu(    number) {
    number = event ~ /^kvm_/ ? word("vcpu ") : ""
    if (number != "")
        vcpuOf[task] = number
    else if (!(task in vcpuOf))
        vcpuOf[task] = threads++
    return vcpuOf[task]
}

{
    isPerfTrace = 0
    if (match($0, /[0-9]+\.[0-9]+: /)) {
        now = substr($0, RSTART, RLENGTH - 2) + 0
        task = substr($0, 1, RSTART - 1)
        sub(/ *\[[0-9]+\].*/, "", task)
        text = substr($0, RSTART + RLENGTH)
    } else if ($1 ~ /^[0-9]+\.[0-9]+$/ && $3 ~ /\(/) {
        isPerfTrace = 1
        now = $1 / 1000
        task = $2
        text = substr($0, index($0, $3))
    } else
        next

    sub(/^ +/, "", text)
    event = text
    sub(/(: |\().*/, "", event)
    sub(/.*:/, "", event)
}

event == "kvm_entry" {
    entered[vcpu()] = now
    hasEntries = 1
}

event == "kvm_exit" && (vcpu() in entered) {
    if (now > entered[vcpu()])
        ran[vcpu()] += now - entered[vcpu()]
    delete entered[vcpu()]
}

event == "kvm_page_fault" || event == "page_fault_user" || event == "page_fault_kernel" {
    faults++
    of[faults] = vcpu()
    at[faults] = now
    ranAt[faults] = ran[vcpu()]
    gfn[faults] = page(word("address"))
    write[faults] = writes(word("error_code"))
    last[task] = faults
}

event == "kvm_try_async_get_page" && (task in last) {
    waiting[word("gva")] = waiting[word("gva")] " " last[task]
}

event == "kvm_async_pf_completed" {
    count = split(waiting[word("gva")], ended, " ")
    for (i = 1; i <= count; i++)
        fetch[ended[i]] = sprintf("%.9f", now - at[ended[i]])
    delete waiting[word("gva")]
}

END {
    if (!faults) {
        print "faults-to-csv: expected a line of kvm_page_fault, page_fault_user or page_fault_kernel" > "/dev/stderr"
        exit 2
    }

    print "time,vcpu,gfn,write,fetch"
    for (i = 1; i <= faults; i++) {
        time = hasEntries ? ranAt[i] : at[i]
        if (time < latest[of[i]])
            time = latest[of[i]]
        latest[of[i]] = time
        printf "%.9f,%d,%s,%d,%s\n", time, of[i], gfn[i], write[i], fetch[i]
    }
}
