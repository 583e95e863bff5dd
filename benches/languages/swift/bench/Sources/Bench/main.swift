// bytestore's Swift binding beside what a Swift program would use instead, in one process and in turns.
//
//     Bench VERSION [--quick]        everything; VERSION is Swift's, for the results
//     Bench VERSION --resident NAME  resident memory an entry, key and value included, of bytestore or a peer alone
//     Bench VERSION --check          one short turn of each, for the answers
//
// Keys are strings of 35 bytes, new objects in each call; they and the values that are set are made before the time is
// taken. Of each value that is found the length and the first byte are read, inside the time. Values in dictionaries
// and in the cache are references and are not copied, ours are. Of one shape bytestore and one peer are loaded at once.

import Bytestore
import Foundation

func measure(_ groups: [Group], _ pace: Pace, _ version: String) throws {
    for group in groups {
        let (shape, values) = (group.shape, Values(group.shape.value))
        let store = try ByteStore()
        fill(Views(store), shape, values)
        for form in Form.all { check(form.of(store), shape, values, form.name) }
        for peer in Peer.all {
            let theirs = peer.open()
            fill(theirs, shape, values)
            check(theirs, shape, values, peer.name)
            for work in group.works {
                for form in Form.forms(of: work) {
                    let rates = inTurns(form.of(store), theirs, shape, values, work, pace)
                    report(shape, work, form: form.name, peer: peer.name, version: version, rates)
                }
            }
        }
    }
}

func measureResident(_ name: String) throws {
    let shape = Shape()
    let values = Values(shape.value)
    let store = try Peer.all.first { $0.name == name }?.open() ?? Views(ByteStore())
    fill(store, Shape(entries: 1000), values)  // whatever is needed once is no entry's
    let before = try residentBytes()
    fill(store, shape, values)
    let bytes = try residentBytes() - before
    check(store, shape, values, name)
    report("resident_per_entry", of: name, entries: shape.entries, Double(bytes) / Double(shape.entries))
}

func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }!
    return Int(line.split(separator: " ", omittingEmptySubsequences: true)[1])! * 1024
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.dropFirst().first, arguments.dropFirst(2).first) {
case (let version?, nil, nil): try measure(Group.all, Pace(), version)
case (let version?, "--quick", nil): try measure(Group.quick, Pace(turn: 0.04, rounds: 3), version)
case (let version?, "--check", nil): try measure(Group.check, Pace(turn: 0.001, rounds: 1), version)
case (_?, "--resident", let name?): try measureResident(name)
default: fatalError("usage: Bench VERSION [--quick | --check | --resident NAME]")
}
