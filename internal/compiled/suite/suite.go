// Package suite tests what every compiled machine promises to programs written
// for Gorgonia: that they change one line. Each machine's own tests run it.
package suite

import (
	"io"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// VM is a machine under test.
type VM interface {
	gorgonia.VM
	Number(*graph.Node) (float64, error)
	Let(n *graph.Node, value any) error
	Set(a, b *graph.Node) error
	Report() vm.Report
	Prog() string
	LocMap() map[*graph.Node]string
	Verify() error
	Profile(run func() error) ([]vm.StepProfile, error)
}

// Settings are those that a machine's Config has.
type Settings struct {
	Strict, Watch bool
	Log           io.Writer
}

// Maker makes machines.
type Maker interface {
	New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) VM
	Build(b *graph.Builder) (VM, error)
	Compile(b *graph.Builder) (graph.VM, error)
}

// Machine is the kind of machine under test.
type Machine struct {
	With func(Settings) Maker
	Slow bool // an emulator: a tenth of the random graphs have to do
}

// seeds is how many random graphs to try, of so many on a fast machine.
func (on Machine) seeds(n uint64) uint64 {
	if on.Slow {
		return (n + 9) / 10
	}
	return n
}

// New makes a machine by the default settings.
func (on Machine) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) VM {
	return on.With(Settings{}).New(g, opts...)
}

// Build makes a machine of a builder by the default settings.
func (on Machine) Build(b *graph.Builder) (VM, error) { return on.With(Settings{}).Build(b) }

// verify compiles a builder's graph and checks every node.
func (on Machine) verify(b *graph.Builder) error {
	m, err := on.Build(b)
	if err != nil {
		return err
	}
	defer m.Close()
	return m.Verify()
}

// Run runs every test on a kind of machine.
func Run(t *testing.T, on Machine) {
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"ProgramsChangeOneLine", on.programsChangeOneLine},
		{"ThePlanAndThePlacesOfValuesCanBePrinted", on.thePlanAndThePlacesOfValuesCanBePrinted},
		{"NoOptionEndsAProgram", on.noOptionEndsAProgram},
		{"ALoggerIsToldWhatIsWatched", on.aLoggerIsToldWhatIsWatched},
		{"ALoggerIsToldOfAGradientWithin", on.aLoggerIsToldOfAGradientWithin},
		{"APrecompiledPartOfAGraphIsRun", on.aPrecompiledPartOfAGraphIsRun},
		{"TheWholeGraphPrecompiledIsRun", on.theWholeGraphPrecompiledIsRun},
		{"ABLASThatIsNotCalledIsReported", on.aBLASThatIsNotCalledIsReported},
		{"ANodeWithinHasItsGradient", on.aNodeWithinHasItsGradient},
		{"OperandsThatAnOpDoesNotLookAtAreLookedAt", on.operandsThatAnOpDoesNotLookAtAreLookedAt},
		{"WhatGorgoniaGetsWrongIsRight", on.whatGorgoniaGetsWrongIsRight},
		{"AGradientOfOneIsNotTheConstantOfAllGraphs", on.aGradientOfOneIsNotTheConstantOfAllGraphs},
		{"AGradientThatIsNotPublishedSaysHowToAskForIt", on.aGradientThatIsNotPublishedSaysHowToAskForIt},
		{"ValuesAreOfGorgoniasKind", on.valuesAreOfGorgoniasKind},
		{"ValuesHaveTheEngineThatTheProgramAsksFor", on.valuesHaveTheEngineThatTheProgramAsksFor},
		{"ATensorOfShapeScalarIsALearnable", on.aTensorOfShapeScalarIsALearnable},
		{"WatchNamesTheNode", on.watchNamesTheNode},
		{"MalformedProgramsAreErrors", on.malformedProgramsAreErrors},
		{"FaultsAreReportedAndComputedRight", on.faultsAreReportedAndComputedRight},
		{"LetAndSetBindValues", on.letAndSetBindValues},
		{"AValueThatAUserKeptIsNotChangedByALaterRun", on.aValueThatAUserKeptIsNotChangedByALaterRun},
		{"ASetStatementHoldsFromTheNextRunOn", on.aSetStatementHoldsFromTheNextRunOn},
		{"AReadFillsOneValueThatIsTheProgramsOwn", on.aReadFillsOneValueThatIsTheProgramsOwn},
		{"AReadWithoutADestinationIsAnErrorThatNamesTheNode", on.aReadWithoutADestinationIsAnErrorThatNamesTheNode},
		{"AReadWithinTheBackwardPassGetsItsValue", on.aReadWithinTheBackwardPassGetsItsValue},
		{"ASliceCanBeLetBetweenRuns", on.aSliceCanBeLetBetweenRuns},
		{"SlicesMoveInEveryRun", on.slicesMoveInEveryRun},
		{"ASliceThatDoesNotFitIsAnError", on.aSliceThatDoesNotFitIsAnError},
		{"AnOpThatIsSwitchedMeansSomethingElseInTheNextRun", on.anOpThatIsSwitchedMeansSomethingElseInTheNextRun},
		{"EachMachineOfAGraphTrainsOrEvaluatesForItself", on.eachMachineOfAGraphTrainsOrEvaluatesForItself},
		{"ScalarsAreInputsOutputsAndLearnables", on.scalarsAreInputsOutputsAndLearnables},
		{"MachinesThatAreClosedLeaveNoGoroutine", on.machinesThatAreClosedLeaveNoGoroutine},
		{"MachinesOfSeveralGraphsRunAtOnce", on.machinesOfSeveralGraphsRunAtOnce},
		{"AnInputOfIntegersNamesRows", on.anInputOfIntegersNamesRows},
		{"WhatIsNoFloatRunsToo", on.whatIsNoFloatRunsToo},
		{"StatementsAndWatchesTakeEveryType", on.statementsAndWatchesTakeEveryType},
		{"WhatAHostOpOfAnotherTypeGetsWrongIsAnError", on.whatAHostOpOfAnotherTypeGetsWrongIsAnError},
		{"WhatCannotRunIsAnErrorThatSaysSo", on.whatCannotRunIsAnErrorThatSaysSo},
		{"BoundGradientsAddUpUntilTheSolverTakesThem", on.boundGradientsAddUpUntilTheSolverTakesThem},
		{"UnboundGradientsAreThoseOfTheLastRun", on.unboundGradientsAreThoseOfTheLastRun},
		{"WhatACallerBoundIsNeverWritten", on.whatACallerBoundIsNeverWritten},
		{"LetBindsByReference", on.letBindsByReference},
		{"ATransposedViewIsAnInput", on.aTransposedViewIsAnInput},
		{"AnInputThatNoCostReachesHasNoGradient", on.anInputThatNoCostReachesHasNoGradient},
		{"NodesAddedLaterAreNotRun", on.nodesAddedLaterAreNotRun},
		{"ARunThatFailedCanBeRunAgain", on.aRunThatFailedCanBeRunAgain},
		{"ARunThatAWatchStoppedIsNotTakenForDone", on.aRunThatAWatchStoppedIsNotTakenForDone},
		{"AMachineThatAnotherGoroutineIsInSaysSo", on.aMachineThatAnotherGoroutineIsInSaysSo},
		{"AProfileOfAMachineThatIsClosedMeanwhileIsAnError", on.aProfileOfAMachineThatIsClosedMeanwhileIsAnError},
		{"RandomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned", on.randomGorgoniaGraphsAreRightNodeByNodeAndAsPlanned},
		{"RandomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine", on.randomGorgoniaGraphsHaveTheGradientsOfTheTapeMachine},
		{"GorgoniasExampleNetsTrainToTheSameNumbers", on.gorgoniasExampleNetsTrainToTheSameNumbers},
		{"TheConvnetLearnsWithGorgoniasDropoutWhoseGradientIsAKnownFault", on.theConvnetLearnsWithGorgoniasDropoutWhoseGradientIsAKnownFault},
		{"WithoutTrainingDropoutDoesNothingOnEitherMachine", on.withoutTrainingDropoutDoesNothingOnEitherMachine},
		{"ADenoiserLearnsWithGorgoniasRandomNode", on.aDenoiserLearnsWithGorgoniasRandomNode},
		{"ProgramsOfAllKindsGiveTheSameNumbers", on.programsOfAllKindsGiveTheSameNumbers},
		{"APartOfAGraphRunsByItself", on.aPartOfAGraphRunsByItself},
		{"AnOpWithoutALoweringRunsOnTheHost", on.anOpWithoutALoweringRunsOnTheHost},
		{"WhatAHostOpGetsWrongIsAnErrorThatNamesTheNode", on.whatAHostOpGetsWrongIsAnErrorThatNamesTheNode},
		{"WhatADoWritesIntoItsOperandIsSeen", on.whatADoWritesIntoItsOperandIsSeen},
		{"StrictRefusesTheHostByName", on.strictRefusesTheHostByName},
		{"StrictTakesEveryElementwiseOpOfGorgonia", on.strictTakesEveryElementwiseOpOfGorgonia},
		{"AnOwnGorgoniaOpThatSaysHowItLowersLeavesTheHost", on.anOwnGorgoniaOpThatSaysHowItLowersLeavesTheHost},
		{"WatchNamesTheNodeInWhichNaNAroseAndUndoesTheStep", on.watchNamesTheNodeInWhichNaNAroseAndUndoesTheStep},
		{"AStepThatIsUndoneDrawsTheSameNumbersAgain", on.aStepThatIsUndoneDrawsTheSameNumbersAgain},
		{"APartThatReadsLaterReadsTheOldValueOfAParameter", on.aPartThatReadsLaterReadsTheOldValueOfAParameter},
		{"WatchNamesAnInputThatIsNotFinite", on.watchNamesAnInputThatIsNotFinite},
		{"WatchOfAStockGraphNamesTheNode", on.watchOfAStockGraphNamesTheNode},
		{"ModelsTrainAsOnTheTapeMachine", on.modelsTrainAsOnTheTapeMachine},
		{"RandomGraphsEqualTheTapeMachine", on.randomGraphsEqualTheTapeMachine},
		{"WatchingChangesNoBits", on.watchingChangesNoBits},
		{"VerifyFindsNothingWrongWithTheModels", on.verifyFindsNothingWrongWithTheModels},
		{"VerifyNamesTheFirstNodeThatDiffers", on.verifyNamesTheFirstNodeThatDiffers},
		{"VerifyChecksGorgoniasGraphs", on.verifyChecksGorgoniasGraphs},
		{"VerifyFindsNothingWrongWithRandomGraphs", on.verifyFindsNothingWrongWithRandomGraphs},
		{"GradientsThatGorgoniaGetsWrongAreRight", on.gradientsThatGorgoniaGetsWrongAreRight},
		{"WhatIsNotWhatItLooksLikeIsReportedAndLogged", on.whatIsNotWhatItLooksLikeIsReportedAndLogged},
		{"RowsAreTakenByIndicesInAKernel", on.rowsAreTakenByIndicesInAKernel},
		{"AnIndexOutOfRangeIsAnErrorThatNamesIt", on.anIndexOutOfRangeIsAnErrorThatNamesIt},
		{"OperandsThatAnOpDoesNotLookAtAreLookedAt", on.operandsThatAnOpDoesNotLookAtAreLookedAt},
		{"WhatGorgoniaGetsWrongIsRight", on.whatGorgoniaGetsWrongIsRight},
		{"AGradientOfOneIsNotTheConstantOfAllGraphs", on.aGradientOfOneIsNotTheConstantOfAllGraphs},
		{"AGradientThatIsNotSelectedIsZero", on.aGradientThatIsNotSelectedIsZero},
		{"ImagesHaveSelectedGradientsToo", on.imagesHaveSelectedGradientsToo},
		{"VerifyTakesAGradientThatIsZeroByMathematicsForRight", on.verifyTakesAGradientThatIsZeroByMathematicsForRight},
		{"VerifyTakesRoundingsThatCancelForRight", on.verifyTakesRoundingsThatCancelForRight},
		{"VerifyNamesTheWeightInFewWords", on.verifyNamesTheWeightInFewWords},
		{"VerifySaysThatItIsThePlanWhereEveryNodeAloneIsRight", on.verifySaysThatItIsThePlanWhereEveryNodeAloneIsRight},
	} {
		t.Run(c.name, c.test)
	}
}
