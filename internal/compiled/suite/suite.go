// Package suite has the tests that every compiled machine must pass, so that programs
// written for Gorgonia need to change only one line. Each machine's own tests run it.
package suite

import (
	"io"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/vm"
)

// Settings are the fields that every machine's Config has.
type Settings struct {
	Strict, Watch bool
	Log           io.Writer
}

// Maker creates machines: it is the Config of a kind of machine.
type Maker interface {
	vm.Backend
	New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn
}

// Machine is the kind of machine under test.
type Machine struct {
	With func(Settings) Maker
	Slow bool // an emulator: test only a tenth of the random graphs, and each model in fewer ways
	// Every is n to train only every n-th model; 0 means all.
	Every int
}

// seeds returns how many random graphs to test: n, or a tenth on a slow machine.
func (on Machine) seeds(n uint64) uint64 {
	if on.Slow {
		return (n + 9) / 10
	}
	return n
}

// models returns the models to test.
func (on Machine) models() []zoo.Entry { return EveryNth(zoo.All(), max(on.Every, 1)) }

// EveryNth returns every n-th model, from the first.
func EveryNth(all []zoo.Entry, n int) (some []zoo.Entry) {
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// New returns a machine with the default settings.
func (on Machine) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) vm.DropIn {
	return on.With(Settings{}).New(g, opts...)
}

// Compile returns a machine for a program with the default settings.
func (on Machine) Compile(p *graph.Program) (vm.Machine, error) {
	return on.With(Settings{}).Compile(p)
}

// Run runs every test on a kind of machine.
func Run(t *testing.T, on Machine) {
	for _, c := range []struct {
		name string
		test func(Machine, *testing.T)
	}{
		{"ProgramsChangeOneLine", Machine.programsChangeOneLine},
		{"ProgAndLocMapListThePlan", Machine.progAndLocMapListThePlan},
		{"EveryOptionIsSupportedOrReported", Machine.everyOptionIsSupportedOrReported},
		{"ALoggerGetsWatchedValues", Machine.aLoggerGetsWatchedValues},
		{"ALoggerGetsAWatchedInnerGradient", Machine.aLoggerGetsAWatchedInnerGradient},
		{"APrecompiledPartOfAGraphIsRun", Machine.aPrecompiledPartOfAGraphIsRun},
		{"TheWholeGraphPrecompiledIsRun", Machine.theWholeGraphPrecompiledIsRun},
		{"AnUnusedBLASIsReported", Machine.anUnusedBLASIsReported},
		{"AnInnerNodeHasItsGradient", Machine.anInnerNodeHasItsGradient},
		{"AnUnpublishedGradientSaysHowToAskForIt", Machine.anUnpublishedGradientSaysHowToAskForIt},
		{"ValuesAreOfGorgoniasKind", Machine.valuesAreOfGorgoniasKind},
		{"ValuesHaveTheEngineThatTheProgramAsksFor", Machine.valuesHaveTheEngineThatTheProgramAsksFor},
		{"ATensorOfShapeScalarIsALearnable", Machine.aTensorOfShapeScalarIsALearnable},
		{"WatchNamesTheNode", Machine.watchNamesTheNode},
		{"MalformedProgramsAreErrors", Machine.malformedProgramsAreErrors},
		{"FaultsAreReportedAndComputedRight", Machine.faultsAreReportedAndComputedRight},
		{"LetAndSetBindValues", Machine.letAndSetBindValues},
		{"AValueThatAUserKeptIsNotChangedByALaterRun", Machine.aValueThatAUserKeptIsNotChangedByALaterRun},
		{"ASetStatementHoldsFromTheNextRunOn", Machine.aSetStatementHoldsFromTheNextRunOn},
		{"AReadFillsOneValueThatIsTheProgramsOwn", Machine.aReadFillsOneValueThatIsTheProgramsOwn},
		{"AReadWithoutADestinationIsAnErrorThatNamesTheNode", Machine.aReadWithoutADestinationIsAnErrorThatNamesTheNode},
		{"AReadInTheBackwardPassGetsItsValue", Machine.aReadInTheBackwardPassGetsItsValue},
		{"ASliceCanBeLetBetweenRuns", Machine.aSliceCanBeLetBetweenRuns},
		{"SlicesMoveInEveryRun", Machine.slicesMoveInEveryRun},
		{"ASliceThatDoesNotFitIsAnError", Machine.aSliceThatDoesNotFitIsAnError},
		{"ASwitchedOpTakesEffectInTheNextRun", Machine.aSwitchedOpTakesEffectInTheNextRun},
		{"EachMachineOfAGraphTrainsOrEvaluatesForItself", Machine.eachMachineOfAGraphTrainsOrEvaluatesForItself},
		{"ScalarsAreInputsOutputsAndLearnables", Machine.scalarsAreInputsOutputsAndLearnables},
		{"MachinesThatAreClosedLeaveNoGoroutine", Machine.machinesThatAreClosedLeaveNoGoroutine},
		{"MachinesOfSeveralGraphsRunAtOnce", Machine.machinesOfSeveralGraphsRunAtOnce},
		{"AnInputOfIntegersNamesRows", Machine.anInputOfIntegersNamesRows},
		{"IntegersAndBooleansRun", Machine.integersAndBooleansRun},
		{"StatementsAndWatchesTakeEveryType", Machine.statementsAndWatchesTakeEveryType},
		{"AWrongResultOfAHostOpOfAnotherTypeIsAnError", Machine.aWrongResultOfAHostOpOfAnotherTypeIsAnError},
		{"AGraphThatCannotRunIsAnError", Machine.aGraphThatCannotRunIsAnError},
		{"BoundGradientsAddUpUntilTheSolverTakesThem", Machine.boundGradientsAddUpUntilTheSolverTakesThem},
		{"UnboundGradientsAreFromTheLastRun", Machine.unboundGradientsAreFromTheLastRun},
		{"FedArraysAreNeverWritten", Machine.fedArraysAreNeverWritten},
		{"BoundArraysAreNeverWritten", Machine.boundArraysAreNeverWritten},
		{"LetBindsByReference", Machine.letBindsByReference},
		{"ATransposedViewIsAnInput", Machine.aTransposedViewIsAnInput},
		{"AnInputThatNoCostReachesHasNoGradient", Machine.anInputThatNoCostReachesHasNoGradient},
		{"NodesAddedLaterAreNotRun", Machine.nodesAddedLaterAreNotRun},
		{"ARunThatFailedCanBeRunAgain", Machine.aRunThatFailedCanBeRunAgain},
		{"ASecondGoroutineInAProgramsMachineGetsAnError", Machine.aSecondGoroutineInAProgramsMachineGetsAnError},
		{"ARunThatAWatchStoppedRunsAgain", Machine.aRunThatAWatchStoppedRunsAgain},
		{"ASecondGoroutineInAMachineGetsAnError", Machine.aSecondGoroutineInAMachineGetsAnError},
		{"ClosingAMachineDuringAProfileIsAnError", Machine.closingAMachineDuringAProfileIsAnError},
		{"ANewPlanDuringAProfileIsAnError", Machine.aNewPlanDuringAProfileIsAnError},
		{"RandomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned", Machine.randomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned},
		{"RandomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine", Machine.randomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine},
		{"GorgoniasExampleNetsTrainToTheSameNumbers", Machine.gorgoniasExampleNetsTrainToTheSameNumbers},
		{"TheConvnetLearnsWithGorgoniasDropout", Machine.theConvnetLearnsWithGorgoniasDropout},
		{"WithoutTrainingDropoutDoesNothingOnEitherMachine", Machine.withoutTrainingDropoutDoesNothingOnEitherMachine},
		{"ADenoiserLearnsWithGorgoniasRandomNode", Machine.aDenoiserLearnsWithGorgoniasRandomNode},
		{"ProgramsOfAllKindsGiveTheSameNumbers", Machine.programsOfAllKindsGiveTheSameNumbers},
		{"APartOfAGraphRunsAlone", Machine.aPartOfAGraphRunsAlone},
		{"AnOpWithoutALoweringRunsOnTheHost", Machine.anOpWithoutALoweringRunsOnTheHost},
		{"AWrongResultOfAHostOpNamesTheNode", Machine.aWrongResultOfAHostOpNamesTheNode},
		{"WritesOfADoIntoItsOperandAreVisible", Machine.writesOfADoIntoItsOperandAreVisible},
		{"StrictRefusesTheHostByName", Machine.strictRefusesTheHostByName},
		{"StrictTakesEveryElementwiseOpOfGorgonia", Machine.strictTakesEveryElementwiseOpOfGorgonia},
		{"AUsersOpWithALoweringLeavesTheHost", Machine.aUsersOpWithALoweringLeavesTheHost},
		{"WatchNamesTheNodeOfANaNAndRollsBackTheStep", Machine.watchNamesTheNodeOfANaNAndRollsBackTheStep},
		{"AStepThatIsRolledBackDrawsTheSameNumbersAgain", Machine.aStepThatIsRolledBackDrawsTheSameNumbersAgain},
		{"ALaterStepReadsTheOldValueOfAParameter", Machine.aLaterStepReadsTheOldValueOfAParameter},
		{"WatchChecksOutputs", Machine.watchChecksOutputs},
		{"WatchNamesAnInputThatIsNotFinite", Machine.watchNamesAnInputThatIsNotFinite},
		{"WatchOfAStockGraphNamesTheNode", Machine.watchOfAStockGraphNamesTheNode},
		{"ModelsTrainAsOnTheTapeMachine", Machine.modelsTrainAsOnTheTapeMachine},
		{"RandomGraphsEqualTheTapeMachine", Machine.randomGraphsEqualTheTapeMachine},
		{"WatchingChangesNoBits", Machine.watchingChangesNoBits},
		{"VerifyFindsNothingWrongWithTheModels", Machine.verifyFindsNothingWrongWithTheModels},
		{"VerifyNamesTheFirstNodeThatDiffers", Machine.verifyNamesTheFirstNodeThatDiffers},
		{"VerifyChecksGorgoniasGraphs", Machine.verifyChecksGorgoniasGraphs},
		{"VerifyFindsNothingWrongWithRandomGraphs", Machine.verifyFindsNothingWrongWithRandomGraphs},
		{"GradientsThatGorgoniaGetsWrongAreRight", Machine.gradientsThatGorgoniaGetsWrongAreRight},
		{"DoubtfulNodesAreReportedAndLogged", Machine.doubtfulNodesAreReportedAndLogged},
		{"RowsAreTakenByIndicesInAKernel", Machine.rowsAreTakenByIndicesInAKernel},
		{"AnIndexOutOfRangeIsAnErrorThatNamesIt", Machine.anIndexOutOfRangeIsAnErrorThatNamesIt},
		{"OperandsThatAnOpDoesNotCheckAreChecked", Machine.operandsThatAnOpDoesNotCheckAreChecked},
		{"GorgoniasFaultsAreComputedRight", Machine.gorgoniasFaultsAreComputedRight},
		{"AGradientOfOneIsNotTheConstantOfAllGraphs", Machine.aGradientOfOneIsNotTheConstantOfAllGraphs},
		{"AGradientThatIsNotSelectedIsZero", Machine.aGradientThatIsNotSelectedIsZero},
		{"ImagesHaveSelectedGradientsToo", Machine.imagesHaveSelectedGradientsToo},
		{"VerifyAcceptsAMathematicallyZeroGradient", Machine.verifyAcceptsAMathematicallyZeroGradient},
		{"VerifyAcceptsRoundingErrorsThatCancel", Machine.verifyAcceptsRoundingErrorsThatCancel},
		{"VerifyNamesTheWeightInFewWords", Machine.verifyNamesTheWeightInFewWords},
		{"VerifyBlamesThePlanIfEveryNodeAloneIsRight", Machine.verifyBlamesThePlanIfEveryNodeAloneIsRight},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(on.closing(t), t) })
	}
}
